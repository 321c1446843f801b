settings-title = Settings
settings-lead = The settings of this school group. Before you apply a change you see what it does.
settings-group = School group
settings-name = Name
settings-contact = Contact (Informat login)
settings-entra = Microsoft Entra tenant
settings-year = Active school year
settings-year-hint = changes only when the next school year is activated
settings-revision = Revision
settings-usernames = Usernames
settings-username-format = Username format
settings-username-format-hint = For example {"{"}voornaam{"}"}.{"{"}familienaam{"}"} or {"{"}voornaam:1{"}"}{"{"}familienaam{"}"}. For new names only.
settings-max-length = At most so many characters
settings-max-length-hint = 8 to 75; Microsoft takes 64.
settings-mode-pupils = Domain of pupils
settings-mode-staff = Domain of staff
settings-mode-microsoft = Microsoft adds it
settings-mode-informat = we send it
settings-extra-domains = Extra domains
settings-extra-domains-hint = One a line.
settings-teams = Teams
settings-team-format = Team name format
settings-team-format-hint = For example {"{"}schoolyear{"}"} {"{"}klas{"}"} - {"{"}vestiging{"}"}.
settings-who = Who and when
settings-future = Future pupils
settings-future-exclude = from their first day
settings-future-include = at once
settings-grace = Days of grace for staff
settings-grace-hint = So long an assignment counts after its end: 0 to 366.
settings-brake = Hold above (%)
settings-brake-hint = A publication that takes away or renames a greater share is held: 1 to 100.
settings-school = Institution
settings-teacher-domain = Domain of staff
settings-pupil-domain = Domain of pupils
settings-site-sync = Link active
settings-site-sync-default = Release new names at once
settings-names-caption = New names would look so
settings-person = Person
settings-has = Has now
settings-would-have = Would get
settings-doubtful = to be looked at
settings-titles-caption = Teams would be called so
settings-title-now = Now
settings-title-then = Then
settings-changed = There are changes that are not applied yet.
settings-unchanged = Nothing changed.
settings-undo = Drop the changes
settings-look = See what it does
settings-preview-title = What changes
settings-effects = What it does
settings-no-effects = This changes nothing that Microsoft reads.
settings-difference = Changed settings
settings-will-be-held = The next publication will be held until somebody releases it:
settings-apply = Apply
settings-applied = Applied.
settings-error-invalid = These settings cannot be stored.
settings-error-changed = Somebody changed the settings meanwhile. Load the page again and make your change there. You would store this:
settings-error-org-ids = The form of the ids of schools cannot change after the first publication.
settings-error-school-year = The school year changes only when the next one is activated.
settings-effect-new-names = { $count ->
    [one] Format and length are for new names: the one existing name stays.
   *[other] Format and length are for new names: the { $count } existing names stay.
  }
settings-effect-sync-default = { $count ->
    [one] “Release at once” is for new names: the one existing name stays as it is.
   *[other] “Release at once” is for new names: the { $count } existing names stay as they are.
  }
settings-effect-domain-gone = The domain { $domain } is no longer the group's. Who has it keeps it; nobody can be given it any more.
settings-effect-entra = In another Entra tenant every account is a new one.
settings-effect-brake = Publications are held above { $after } % instead of { $before } % from now on, this change included.
settings-effect-created = { $count ->
    [one] 1 username is made.
   *[other] { $count } usernames are made.
  }
settings-effect-domains-set = { $count ->
    [one] 1 member of staff gets a domain, for good.
   *[other] { $count } members of staff get a domain, for good.
  }
settings-effect-renamed = { $count ->
    [one] 1 person gets another username: the account is renamed.
   *[other] { $count } people get another username: their accounts are renamed.
  }
settings-effect-addresses = { $count ->
    [one] 1 person gets another address, for programs that are told it.
   *[other] { $count } people get another address, for programs that are told it.
  }
settings-effect-retitled = { $count ->
    [one] 1 class and its Team get another name.
   *[other] { $count } classes and their Teams get another name.
  }
settings-effect-users-go = { $count ->
    [one] 1 person is no longer published: the account stays, and leaves its groups.
   *[other] { $count } people are no longer published: their accounts stay, and leave their groups.
  }
settings-effect-users-come = { $count ->
    [one] 1 person is published anew.
   *[other] { $count } people are published anew.
  }
settings-effect-classes-go = { $count ->
    [one] 1 class is no longer published.
   *[other] { $count } classes are no longer published.
  }
settings-effect-classes-come = { $count ->
    [one] 1 class is published anew.
   *[other] { $count } classes are published anew.
  }
settings-effect-memberships-go = { $count ->
    [one] 1 membership of a class goes.
   *[other] { $count } memberships of classes go.
  }
settings-effect-memberships-come = { $count ->
    [one] 1 membership of a class comes.
   *[other] { $count } memberships of classes come.
  }
settings-effect-orgs-go = No longer published: { $names }.
settings-effect-orgs-come = Published anew: { $names }.
settings-effect-lifts-hold = What is held now then goes through without being released.
settings-format-brace = The brace at character { $position } has no counterpart.
settings-format-username-placeholder = {"{"}{ $word }{"}"} at character { $position } is no placeholder. Use {"{"}voornaam{"}"}, {"{"}familienaam{"}"}, or {"{"}voornaam:1{"}"} for the first letter.
settings-format-team-placeholder = {"{"}{ $word }{"}"} at character { $position } is no placeholder. Use {"{"}klas{"}"}, {"{"}klascode{"}"}, {"{"}vestiging{"}"}, {"{"}vestcode{"}"}, {"{"}schoolcode{"}"}, {"{"}schoolyear{"}"} or {"{"}startyear{"}"}.
settings-format-character = “{ $character }” at character { $position } is not allowed: only . _ and - may stand between placeholders.
settings-format-control = The character at { $position } is a control character.
settings-format-no-name = {"{"}voornaam{"}"} or {"{"}familienaam{"}"} must stand in it.
settings-format-no-class = {"{"}klas{"}"} or {"{"}klascode{"}"} must stand in it.
