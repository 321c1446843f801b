cause-person-gone = no longer in Informat
cause-no-username = has no username yet
cause-sync-off = Sync is off
cause-domain-unknown = no domain is known for the username
cause-no-registration = no registration in school year { $year }
cause-not-registered-at = no longer registered at { $org }
cause-registration-ended = last day of the registration at { $org }: { $day }
cause-registration-to-come = the registration at { $org } begins on { $day }
cause-registration-not-realised = the registration at { $org } is not realised
cause-no-assignment = no assignment any more
cause-assignment-ended = { $grace ->
    [0] last day of the assignment: { $day }
    [one] last day of the assignment: { $day }, counted 1 day longer
   *[other] last day of the assignment: { $day }, counted { $grace } days longer
}
cause-assignment-to-come = the assignment begins on { $day }
cause-site-gone = { $org } is no longer in Informat
cause-site-inactive = { $org } is no longer in use in Informat
cause-site-not-named = { $org } is not linked
cause-site-link-off = the link of { $org } is off
cause-user-not-published = the person no longer goes to Microsoft
cause-class-not-published = the class no longer goes to Microsoft
cause-left-class = last day in the class: { $day }
cause-class-to-come = in the class only from { $day }
cause-not-in-class = no longer in the class according to Informat
cause-teaching-ended = last day as class teacher: { $day }
cause-teaching-to-come = class teacher only from { $day }
cause-not-class-teacher = no longer class teacher according to Informat
cause-class-gone = the class is no longer in Informat
cause-other-school-year = not of { $year }, the active school year
cause-registered = registered at { $org } from { $day }
cause-assigned-since = assignment at { $org } from { $day }
cause-assigned = assignment at { $org }
