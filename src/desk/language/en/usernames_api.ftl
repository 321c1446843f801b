usernames-waits-person-id-changed = Probably known under another number: see whether they have an account already.
usernames-waits-probably-merged = Resembles somebody who left: see whether they have an account already.
usernames-waits-placeholder = The name is nobody's in particular (such as N.N.): give another username, or switch Sync on for this person alone.
usernames-waits-damaged-text = The username was made from a damaged name: have a look at it.
usernames-waits-review = Letters of the name could not be in the username: have a look at it.
usernames-refused-read-only = You may see this person, but not change them.
usernames-hint-read-only = Ask the manager of your school for the right to change them.
usernames-refused-changed-meanwhile = Somebody else has just changed this username. See what stands there now, and try again.
usernames-refused-confirm-rename = Microsoft has the username { $name } already. With another one the account gets a new name and a new primary address; the old address stays as an alias.
usernames-refused-name-held = { $name } is the username of { $holder } already.
usernames-refused-name-held-hidden = { $name } is in use already.
usernames-hint-name-held = A username is unique over pupils and staff, with another domain too. Choose another one, for instance with a number at the end.
usernames-refused-empty = A username cannot be empty.
usernames-refused-too-long = { $count } characters before the @ are too many: at most 64.
usernames-refused-character = The character “{ $character }” at place { $position } is not allowed.
usernames-hint-character = Use letters without accents, digits and . - _ ' ! # ^ ~.
usernames-refused-dot = A dot may not stand at the beginning, before the @, or beside another dot.
usernames-refused-at-sign = There may be one @ at most, before the domain.
usernames-refused-domain-refused = Microsoft adds the domain: type only what stands before the @.
usernames-refused-domain-missing = For staff the domain is sent along: type it after an @.
usernames-refused-domain-unknown = { $domain } is not one of your domains.
usernames-hint-domains = Choose one of these domains: { $domains }.
usernames-refused-reason = A reason has at most 500 characters, on one line.
usernames-refused-other = That cannot be done: { $message }
usernames-warning-was-of-another = { $name } was the username of { $holder } and may still be an alias of that account: remove that alias in Microsoft 365, or this person will not get the name.
usernames-warning-somebody = somebody else
usernames-warning-domain-stays = { $domain } stays from now on, also after a move to another site. Leave the domain off to let it follow the site.
usernames-warning-was-released-as = This person was released as { $name } already.
usernames-held-users-removed = Many users would disappear
usernames-held-classes-removed = Many classes would disappear
usernames-held-fewer-memberships = There would be far fewer members of classes
usernames-held-usernames-changed = Many usernames would change
usernames-held-names-lost = Many names would be lost
usernames-held-names-changed = Many names would change
usernames-held-pupils-moved = Many pupils would change classes
usernames-held-classes-retitled = Many classes would get another title
usernames-held-counted = { $what }: of { $before }, { $after } stay.
usernames-held-counted-at = { $what } ({ $org }): of { $before }, { $after } stay.
usernames-bulk-on = { $count ->
    [0] Nobody is released.
    [one] One person is released.
   *[other] { $count } people are released.
    }
usernames-bulk-off = { $count ->
    [0] Sync goes off for nobody.
    [one] Sync goes off for one person.
   *[other] Sync goes off for { $count } people.
    }
usernames-bulk-unchanged = { $count ->
    [one] One person is so already.
   *[other] { $count } people are so already.
    }
usernames-bulk-accounts-made = { $count ->
    [one] Microsoft makes one new account.
   *[other] Microsoft makes { $count } new accounts.
    }
usernames-bulk-leave-teams = { $count ->
    [one] One person leaves
   *[other] { $count } people leave
    } { $teams ->
    [one] one Team.
   *[other] { $teams } Teams.
    }
usernames-bulk-passed-over = { $count ->
    [one] One person is passed over.
   *[other] { $count } people are passed over.
    }
usernames-bulk-will-be-held = This change is so large that it will be held until an operator lets it pass.
usernames-bulk-is-held = Changes are held at this moment: Microsoft sees this one too only once they were let pass.
usernames-bulk-changed = The selection has changed meanwhile: { $added } more, { $removed } fewer, { $switched } different. See what would happen now.
usernames-bulk-too-many = These are too many people to name: choose them by a filter.
usernames-bulk-busy = Everything is being changed at this moment. Nothing was done; try again.
usernames-undo-undone = { $count ->
    [one] One person is as before again.
   *[other] { $count } people are as before again.
    }
usernames-undo-refused = { $count ->
    [one] For one person something came in between: nothing was changed there.
   *[other] For { $count } people something came in between: nothing was changed there.
    }
usernames-undo-read-on = { $count ->
    [one] Microsoft had read already that one person was released.
   *[other] Microsoft had read already that { $count } people were released.
    }
usernames-undo-read-off = { $count ->
    [one] Microsoft had read already that Sync was off for one person.
   *[other] Microsoft had read already that Sync was off for { $count } people.
    }
usernames-undo-between = Changed by { $by } on { $at }.
usernames-print-title = Usernames by class
usernames-print-nobody = No pupil matches.
usernames-cell-on = yes
usernames-cell-off = no
usernames-history-system = the system
usernames-history-created = Username { $to } made by { $by }.
usernames-history-name = Username from { $from } to { $to }, by { $by }.
usernames-history-domain = Domain { $to } chosen by { $by }.
usernames-history-domain-left-off = Domain { $from } left off by { $by }: it follows the site again.
usernames-history-sync-on = Released (Sync on) by { $by }.
usernames-history-sync-off = Sync switched off by { $by }.
usernames-history-handed-to = Username handed to { $other }, by { $by }.
usernames-history-handed-from = Username taken over from { $other }, by { $by }.
usernames-history-waits = Waits for an answer ({ $by }).
usernames-history-answered = Looked at by { $by }: waits no longer.
usernames-history-review = To be looked at ({ $by }).
usernames-history-reviewed = Looked at by { $by }.
usernames-history-other = Changed by { $by }.
usernames-history-with-reason = { $said } Reason: { $reason }
usernames-refused-preferences = That is too much to keep.
