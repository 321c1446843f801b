//! Until when an enrollment that is removed was true: what consumers ask for that look at its end, not at its status. Pure.

use chrono::{Days, NaiveDate};
use oneroster_school::projection::Cause;
use oneroster_standard::{Enrollment, Kind, RoleType};

use crate::roster::{Causes, EndedEnrollments};

/// Finds the last day of each of these enrollments, given by id and content, that a generation of this day removes.
///
/// It is what the causes of the removal say, be they those of the user; else the day before. What ended at its school and in its role goes
/// before what else ended. Never after that day, and not before the enrollment began, unless it never did.
pub(super) fn all(removed: &[(String, String)], causes: &Causes, day: NaiveDate) -> EndedEnrollments {
    let ended = removed.iter().filter_map(|(sourced_id, content)| {
        let enrollment: Enrollment = serde_json::from_str(content).ok()?;
        let of = |kind, id: &str| causes.get(&(kind, id.to_owned())).map_or(&[][..], Vec::as_slice);
        let (own, of_user) = (
            of(Kind::Enrollments, sourced_id),
            of(Kind::Users, &enrollment.user.sourced_id),
        );
        let fitting = |causes| last_day(causes, |cause| fits(cause, &enrollment));
        let any = |causes| last_day(causes, |_| true);
        let known = (fitting(own).or_else(|| fitting(of_user)))
            .or_else(|| any(own))
            .or_else(|| any(of_user));
        Some((sourced_id.clone(), ended_on(known, enrollment.begin_date, day)?))
    });
    ended.collect()
}

fn ended_on(known: Option<NaiveDate>, begin: Option<NaiveDate>, day: NaiveDate) -> Option<NaiveDate> {
    let before = day.checked_sub_days(Days::new(1))?;
    let ended = known.map_or(before, |known| known.min(before));
    Some(match begin {
        Some(begin) if begin <= day => ended.max(begin),
        Some(_) | None => ended,
    })
}

/// Returns the last day that these causes name.
fn last_day(causes: &[Cause], is_asked: impl Fn(&Cause) -> bool) -> Option<NaiveDate> {
    let asked = causes.iter().filter(|cause| is_asked(cause));
    asked.filter_map(Cause::last_day).max()
}

/// Returns `true` if what ended is that for which the enrollment was there.
fn fits(cause: &Cause, enrollment: &Enrollment) -> bool {
    let is_teacher = enrollment.role == RoleType::Teacher;
    if let Cause::RegistrationEnded { org, .. } = cause {
        !is_teacher && *org == enrollment.school.sourced_id
    } else if matches!(cause, Cause::LeftClass { .. }) {
        !is_teacher
    } else {
        is_teacher
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn left(text: &str) -> Vec<Cause> {
        vec![Cause::LeftClass { last_day: day(text) }]
    }

    /// The last day of enrollment e of user u, removed by a generation of 26 November.
    fn ended(begin: Option<&str>, own: Vec<Cause>, of_user: Vec<Cause>) -> String {
        let reference = |kind: &str, id: &str| json!({"href": "/x", "sourcedId": id, "type": kind});
        let mut content = json!({"user": reference("user", "u"), "class": reference("class", "c"), "school": reference("org", "o"),
            "role": "student", "endDate": "2027-06-30"});
        if let Some(begin) = begin {
            content["beginDate"] = json!(begin);
        }
        let causes = Causes::from([
            ((Kind::Enrollments, "e".to_owned()), own),
            ((Kind::Users, "u".to_owned()), of_user),
        ]);
        let removed = [("e".to_owned(), content.to_string())];
        all(&removed, &causes, day("2026-11-26"))["e"].to_string()
    }

    #[test]
    fn it_is_what_the_causes_say_and_else_the_day_before() {
        let begin = Some("2026-09-01");
        assert_eq!(ended(begin, left("2026-11-13"), vec![]), "2026-11-13");
        assert_eq!(ended(begin, vec![Cause::NotInClass], vec![]), "2026-11-25");
        assert_eq!(ended(None, vec![], vec![]), "2026-11-25");
        let gone = vec![registration("o", "2026-10-30"), registration("o", "2026-11-06")];
        assert_eq!(ended(begin, vec![Cause::UserNotPublished], gone), "2026-11-06");
    }

    fn registration(org: &str, last_day: &str) -> Cause {
        Cause::RegistrationEnded {
            org: org.to_owned(),
            last_day: day(last_day),
        }
    }

    #[test]
    fn what_ended_at_its_school_and_in_its_role_goes_before_what_else_ended() {
        let begin = Some("2026-09-01");
        let elsewhere = registration("p", "2026-11-06");
        let of_two = vec![registration("o", "2026-10-30"), elsewhere.clone()];
        assert_eq!(ended(begin, vec![Cause::UserNotPublished], of_two), "2026-10-30");
        let assignment = Cause::AssignmentEnded {
            last_day: day("2026-11-13"),
            grace_days: 0,
        };
        let of_both = vec![registration("o", "2026-10-30"), assignment];
        assert_eq!(
            ended(begin, vec![], of_both),
            "2026-10-30",
            "a pupil's enrollment"
        );
        assert_eq!(ended(begin, vec![], vec![elsewhere]), "2026-11-06");
    }

    #[test]
    fn it_is_never_ahead_and_not_before_the_beginning_unless_there_was_none() {
        assert_eq!(
            ended(Some("2026-09-01"), left("2027-01-08"), vec![]),
            "2026-11-25"
        );
        assert_eq!(ended(Some("2026-11-26"), vec![], vec![]), "2026-11-26");
        assert_eq!(
            ended(Some("2026-11-16"), left("2026-11-13"), vec![]),
            "2026-11-16"
        );
        assert_eq!(ended(Some("2027-01-04"), vec![], vec![]), "2026-11-25");
    }
}
