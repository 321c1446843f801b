//! Birth dates of a file: whether the day or the month comes first is decided for all of them together.

/// A date as an export writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Date {
    /// The year first: there is one way to read it.
    Plain(u16, u16, u16),
    /// Two numbers and the year.
    YearLast(u16, u16, u16),
}

/// Which number comes first where the year is last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// The day, as in Belgium.
    DayFirst,
    /// The month, as on an American machine.
    MonthFirst,
    /// No date of the file says it, or they say both.
    Unknown,
}

/// Finds the order from the dates that can be read in one way only: a number above 12 is no month.
pub(crate) fn order_of<'t>(texts: impl Iterator<Item = &'t str>) -> Order {
    let (mut day_first, mut month_first) = (false, false);
    for text in texts {
        if let Some(Date::YearLast(first, second, _)) = parse(text) {
            day_first |= first > 12 && second <= 12;
            month_first |= second > 12 && first <= 12;
        }
    }
    match (day_first, month_first) {
        (true, false) => Order::DayFirst,
        (false, true) => Order::MonthFirst,
        (true, true) | (false, false) => Order::Unknown,
    }
}

/// What a text says as a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reading {
    /// A day, `YYYY-MM-DD`.
    Day(String),
    /// One of two days.
    Either,
    /// None.
    None,
}

/// Reads a date in an order.
pub(crate) fn read(text: &str, order: Order) -> Reading {
    let (year, month, day) = match parse(text) {
        None => return Reading::None,
        Some(Date::Plain(year, month, day)) => (year, month, day),
        Some(Date::YearLast(first, second, year)) => match order {
            Order::DayFirst => (year, second, first),
            Order::MonthFirst => (year, first, second),
            Order::Unknown if first == second || first > 12 => (year, second, first),
            Order::Unknown if second > 12 => (year, first, second),
            Order::Unknown => return Reading::Either,
        },
    };
    if year >= 1900 && (1..=12).contains(&month) && (1..=31).contains(&day) {
        Reading::Day(format!("{year:04}-{month:02}-{day:02}"))
    } else {
        Reading::None
    }
}

/// Returns the year of a date.
pub(crate) fn year(text: &str) -> Option<u16> {
    let (Date::Plain(year, ..) | Date::YearLast(_, _, year)) = parse(text)?;
    (year >= 1900).then_some(year)
}

fn parse(text: &str) -> Option<Date> {
    let day = text.split(['T', ' ']).next().unwrap_or_default();
    let parts: Vec<&str> = day.split(['-', '/', '.']).collect();
    let [first, middle, last] = parts.as_slice() else {
        return None;
    };
    let number = |text: &str| text.parse::<u16>().ok();
    let (one, two, three) = (number(first)?, number(middle)?, number(last)?);
    Some(if first.len() == 4 {
        Date::Plain(one, two, three)
    } else {
        Date::YearLast(one, two, three)
    })
}
