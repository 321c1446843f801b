history-title = History
history-intro = What went to Microsoft and why, and who did what. Find a person or a class, or compare two days.
history-form = What are you looking for?
history-person = Person
history-person-hint = Name or username
history-class = Class
history-any-class = All classes
history-kind = Kind
history-any-kind = Everything
history-kind-published = To Microsoft
history-kind-username = Usernames
history-kind-sync = Released and switched off
history-kind-files = Files
history-kind-access = Access and clients
history-kind-settings = Settings
history-by = Who
history-from = From
history-to = Until
history-show = Show
history-compare = Compare both days
history-empty = Nothing to show
history-nobody = There is nobody and no class of that name here.
history-two-days = Choose two days to compare.
history-nothing-kept = Nothing is kept of these days.
history-choices = Whom do you mean?
history-choice-pupil = pupil, { $username }
history-choice-staff = staff, { $username }
history-choice-gone = left, last { $username }
history-differences = What is different
history-no-difference = Nothing changed at your sites between these days.
history-what = What
history-why = Reason
history-who-did-what = Who did what
history-no-lines = Nothing happened that fits this.
history-older = Older
history-more = And { $count } more. Choose days that are closer together.
history-signed = by { $by }
history-nothing = nothing
history-manager = manager
history-other-place = another site
history-other-class = a class of another site
history-person-added = To Microsoft for the first time
history-person-returned = To Microsoft again
history-person-changed = Changed in Microsoft
history-person-removed = No longer to Microsoft
history-person-oldest = Went to Microsoft (nothing older is kept)
history-class-joined = Into { $what }
history-class-changed = Changed in { $what }
history-class-left = Out of { $what }
history-class-oldest = Was in { $what } (nothing older is kept)
history-member-joined = { $what } came into the class
history-member-changed = { $what } was changed
history-member-left = { $what } left the class
history-member-oldest = { $what } was in the class (nothing older is kept)
history-object-added = Added: { $what }
history-object-changed = Changed: { $what }
history-object-removed = Removed: { $what }
history-object-oldest = Was there already: { $what }
history-redated = Sent again
history-purged = The notice of its removal is over
history-reason-first = the first time everything was made ready
history-reason-new = was not there before
history-reason-year = school year { $year } became active
history-reason-sync-on = released
history-reason-sync-off = switched off
history-reason-username-given = new in Informat, the username was made
history-reason-site-published = { $org } is linked now
history-reason-user-published = the person goes to Microsoft now
history-reason-renamed = username from { $from } to { $to }
history-reason-domain = domain from { $from } to { $to }
history-reason-name = name from { $from } to { $to }
history-reason-moved = from { $from } to { $to }
history-reason-moved-since = , there since { $day }
history-reason-org-joined = also belongs to { $org } now
history-reason-org-left = no longer belongs to { $org }
history-reason-joined = in class { $class }
history-reason-joined-since = in class { $class } since { $day }
history-reason-teaches = class teacher of { $class }
history-reason-teaches-since = class teacher of { $class } since { $day }
history-reason-went-to = went to { $class }
history-reason-retitled = no longer called { $from } but { $to }
history-reason-places-changed = the sites are different
history-reason-field = { $field } is different
history-reason-newer-program = a newer version of this program
history-reason-redated = it was sent again, or the domain of the email address changed
history-reason-over = after 400 days
history-reason-unknown = the reason was not kept
history-username-made = Username made: { $to }
history-username-changed = Username from { $from } to { $to }
history-domain-changed = Domain from { $from } to { $to }
history-sync-on = Released
history-sync-off = Switched off
history-sync-on-again = Switching off undone
history-sync-off-again = Release undone
history-handed-to = Username handed to somebody else
history-handed-from = Username taken over from somebody else
history-reviewed = Reviewed
history-waits = Waits for an answer
history-needs-review = To be reviewed
history-trail-sync-on = { $count ->
    [one] Released:
   *[other] { $count } people released, among them
}
history-trail-sync-off = { $count ->
    [one] Switched off:
   *[other] { $count } people switched off, among them
}
history-trail-usernames = { $count ->
    [one] Username changed:
   *[other] { $count } usernames changed, among them those of
}
history-trail-domains = { $count ->
    [one] Domain changed:
   *[other] { $count } domains changed, among them those of
}
history-trail-reviewed = { $count ->
    [one] Reviewed:
   *[other] { $count } usernames reviewed, among them those of
}
history-trail-username-other = { $count ->
    [one] Username updated:
   *[other] { $count } usernames updated, among them those of
}
history-trail-published = New data made ready for Microsoft
history-trail-imported = Data of Informat loaded
history-trail-year = School year { $year } is active
history-trail-birth-dates = { $count ->
    [one] File with the birth date of 1 person downloaded
   *[other] File with the birth dates of { $count } people downloaded
}
history-trail-right-given = { $who } got { $role } at { $place }
history-trail-right-taken = { $who } lost { $role } at { $place }
history-trail-right-changed = The rights of { $who } at { $place } were changed: { $role }
history-trail-configured = Settings changed
history-trail-client-created = Client { $client } made
history-trail-client-rotated = Client { $client } got a new secret
history-trail-client-revoked = Client { $client } revoked
history-trail-client-set = Client { $client } changed
history-trail-tokens-revoked = The tokens of client { $client } so far ended
history-trail-release = Held data let through
history-trail-discard = Held data discarded
history-trail-sent-again = { $count ->
    [one] One object sent again
   *[other] { $count } objects sent again
}
history-trail-import-accepted = Data of Informat accepted in spite of a warning
history-trail-files-exported = Data made ready as files
history-trail-person-erased = All data of a person erased: { $person }
history-trail-name-forgotten = A former username of a person forgotten: { $person }
history-trail-other = Other act: { $kind }
history-with-reason = { $said }. Reason: { $reason }
