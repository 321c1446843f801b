outlook-title = Outlook
outlook-intro = Choose a day and see who comes, who leaves and who changes, compared with today. People who are still to be released are listed too.
outlook-form = Which day do you want to see?
outlook-day = Day
outlook-year = School year
outlook-place = Site
outlook-class = Class
outlook-all-places = All sites
outlook-all-classes = Show all classes again
outlook-show = Show
outlook-bad-day = That is no day. Choose one, such as 11/01/2027.
outlook-summary = On { $day }, compared with { $today }: { $come } { $come ->
    [one] person comes
   *[other] people come
}, { $go } { $go ->
    [one] leaves
   *[other] leave
}, { $change } { $change ->
    [one] changes
   *[other] change
}.
outlook-by-place = By site and class
outlook-no-change = Nothing changes at your sites on that day.
outlook-comes = Come
outlook-goes = Leave
outlook-changes = Change
outlook-who-comes = Who comes
outlook-who-goes = Who leaves
outlook-who-changes = Who changes
outlook-nobody-comes = Nobody comes.
outlook-nobody-goes = Nobody leaves.
outlook-nobody-changes = Nobody changes class, site or username.
outlook-monday = Starters by Monday { $day }
outlook-first-day = Starters on { $day }
outlook-nobody-monday = Nobody starts up to and including that day.
outlook-ending = Assignments that end within 14 days
outlook-nothing-ends = No assignment ends within 14 days.
outlook-name = Name
outlook-kind = Kind
outlook-username = Username
outlook-why = Reason
outlook-pupil = Pupil
outlook-staff = Staff
outlook-nothing = none
outlook-from-to = { $from } → { $to }
outlook-to-release = still to be released
outlook-last-day = Last day
outlook-published-until = In Microsoft until
outlook-more = And { $count } more. Choose a site or a class to see everyone.
