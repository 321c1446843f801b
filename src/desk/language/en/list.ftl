list-waits-person-id-changed = Probably known under another number: see whether they have an account already.
list-waits-probably-merged = Resembles somebody who left: see whether they have an account already.
list-waits-placeholder = The name is nobody's in particular (such as N.N.): give another username, or switch Sync on for this person alone.
list-waits-damaged-text = The username was made from a damaged name: have a look at it.
list-waits-review = Letters of the name could not be in the username: have a look at it.
list-refused-read-only = You may see this person, but not change them.
list-hint-read-only = Ask the manager of your school for the right to change them.
list-refused-changed-meanwhile = Somebody else has just changed this username. See what stands there now, and try again.
list-refused-confirm-rename = Microsoft has the username { $name } already. With another one the account gets a new name and a new primary address; the old address stays as an alias.
list-refused-name-held = { $name } is the username of { $holder } already.
list-refused-name-held-hidden = { $name } is in use already.
list-refused-name-of-erased = { $name } was the username of somebody whose data was erased. Nobody else gets it.
list-hint-name-held = A username is unique over pupils and staff, with another domain too. Choose another one, for instance with a number at the end.
list-refused-empty = A username cannot be empty.
list-refused-too-long = { $count } characters before the @ are too many: at most 64.
list-refused-character = The character “{ $character }” at place { $position } is not allowed.
list-hint-character = Use letters without accents, digits and . - _ ' ! # ^ ~.
list-refused-dot = A dot may not stand at the beginning, before the @, or beside another dot.
list-refused-at-sign = There may be one @ at most, before the domain.
list-refused-domain-refused = Microsoft adds the domain: type only what stands before the @.
list-refused-domain-missing = For staff the domain is sent along: type it after an @.
list-refused-domain-unknown = { $domain } is not one of your domains.
list-hint-domains = Choose one of these domains: { $domains }.
list-refused-reason = A reason has at most 500 characters, on one line.
list-refused-other = That cannot be done: { $message }
list-warning-was-of-another = { $name } was the username of { $holder } and may still be an alias of that account: remove that alias in Microsoft 365, or this person will not get the name.
list-warning-somebody = somebody else
list-warning-domain-stays = { $domain } stays from now on, also after a move to another site. Leave the domain off to let it follow the site.
list-warning-was-released-as = This person was released as { $name } already.
list-held-users-removed = Many users would disappear
list-held-classes-removed = Many classes would disappear
list-held-fewer-memberships = There would be far fewer members of classes
list-held-usernames-changed = Many usernames would change
list-held-names-lost = Many names would be lost
list-held-names-changed = Many names would change
list-held-pupils-moved = Many pupils would change classes
list-held-classes-retitled = Many classes would get another title
list-held-counted = { $what }: of { $before }, { $after } stay.
list-held-counted-at = { $what } ({ $org }): of { $before }, { $after } stay.
list-bulk-on = { $count ->
    [0] Nobody is released.
    [one] One person is released.
   *[other] { $count } people are released.
    }
list-bulk-off = { $count ->
    [0] Sync goes off for nobody.
    [one] Sync goes off for one person.
   *[other] Sync goes off for { $count } people.
    }
list-bulk-unchanged = { $count ->
    [one] One person is so already.
   *[other] { $count } people are so already.
    }
list-bulk-accounts-made = { $count ->
    [one] Microsoft makes one new account.
   *[other] Microsoft makes { $count } new accounts.
    }
list-bulk-leave-teams = { $count ->
    [one] One person leaves
   *[other] { $count } people leave
    } { $teams ->
    [one] one Team.
   *[other] { $teams } Teams.
    }
list-bulk-passed-over = { $count ->
    [one] One person is passed over.
   *[other] { $count } people are passed over.
    }
list-bulk-will-be-held = This change is so large that it will be held until an operator lets it pass.
list-bulk-is-held = Changes are held at this moment: Microsoft sees this one too only once they were let pass.
list-bulk-changed = The selection has changed meanwhile: { $added } more, { $removed } fewer, { $switched } different. See what would happen now.
list-bulk-too-many = These are too many people to name: choose them by a filter.
list-bulk-busy = Everything is being changed at this moment. Nothing was done; try again.
list-undo-undone = { $count ->
    [one] One person is as before again.
   *[other] { $count } people are as before again.
    }
list-undo-refused = { $count ->
    [one] For one person something came in between: nothing was changed there.
   *[other] For { $count } people something came in between: nothing was changed there.
    }
list-undo-read-on = { $count ->
    [one] Microsoft had read already that one person was released.
   *[other] Microsoft had read already that { $count } people were released.
    }
list-undo-read-off = { $count ->
    [one] Microsoft had read already that Sync was off for one person.
   *[other] Microsoft had read already that Sync was off for { $count } people.
    }
list-undo-between = Changed by { $by } on { $at }.
list-print-title = Usernames by class
list-print-nobody = No pupil matches.
list-cell-on = yes
list-cell-off = no
list-history-system = the system
list-history-created = Username { $to } made by { $by }.
list-history-name = Username from { $from } to { $to }, by { $by }.
list-history-domain = Domain { $to } chosen by { $by }.
list-history-domain-left-off = Domain { $from } left off by { $by }: it follows the site again.
list-history-sync-on = Released (Sync on) by { $by }.
list-history-sync-off = Sync switched off by { $by }.
list-history-sync-on-again = Switching off was undone by { $by }: released again.
list-history-sync-off-again = The release was undone by { $by }.
list-history-handed-to = Username handed to { $other }, by { $by }.
list-history-handed-from = Username taken over from { $other }, by { $by }.
list-history-waits = Waits for an answer ({ $by }).
list-history-answered = Looked at by { $by }: waits no longer.
list-history-review = To be looked at ({ $by }).
list-history-reviewed = Looked at by { $by }.
list-history-other = Changed by { $by }.
list-history-with-reason = { $said } Reason: { $reason }
list-refused-preferences = That is too much to keep.
