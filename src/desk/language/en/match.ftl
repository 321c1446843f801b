match-is-accounts = This is a list of accounts of Microsoft. It is compared with the usernames.
match-comparing = The accounts are compared with the usernames…
match-title = Accounts of Microsoft beside the usernames
match-nothing-changed = Nothing has changed yet. Look at the findings; something changes only when you apply the proposals as a check file.
match-summary = { $people ->
    [one] 1 person
   *[other] { $people } people
} compared with { $accounts ->
    [one] 1 account
   *[other] { $accounts } accounts
}. { $proposals ->
    [0] There are no proposals.
    [one] 1 username is proposed.
   *[other] { $proposals } usernames are proposed.
}
match-verdict-linked = Linked
match-verdict-new = New account
match-verdict-other-name = Another name
match-verdict-taken = Name taken
match-verdict-ambiguous = To look at
match-help-linked = The username is an account with this name. There is nothing to do.
match-help-new = No account looks like that of these people. Microsoft makes a new account.
match-help-other_name = These people probably have an account under another name. With a proposal: that is certain. Without: look yourself, and type the name into the check file.
match-help-taken = The username is the account, or an alias, of somebody else. Give another username.
match-help-ambiguous = More than one account may be this person's, or more than one person may be meant by this account. Or something says that the account is not theirs. Look yourself.
match-filter = Show
match-all = All
match-proposed = With a proposal
match-people = People and their accounts
match-name = Name
match-username = Username
match-verdict = Finding
match-proposal = Proposal
match-accounts = Accounts that it may be
match-account-line = { $username } ({ $score }: { $because })
match-object-id-column = Object id
match-object-id = Object id { $id }
match-more-people = And { $count } more: download the check file to see everyone.
match-more-people-one = And 1 more: download the check file to see everyone.
match-none-shown = Nobody with this finding.
match-review = Look at the proposals and apply them
match-download-xlsx = Download with findings (Excel)
match-download-csv = Download with findings (CSV)
match-accounts-nobody = Accounts that are nobody's
match-accounts-nobody-seen = Accounts that are nobody's whom you may see
match-more-accounts = And { $count } more.
match-more-accounts-one = And 1 more.
match-account = Account
match-note = Good to know
match-remarks = Good to know
match-account-pupil = looks like a pupil's
match-account-staff = looks like a member of staff's
match-account-synchronised = comes from the school's own Active Directory: its name is changed there
match-account-sis-id = School Data Sync has matched it before
match-account-of-two = The account { $account } has the username of { $one }, but School Data Sync has matched it with { $other } before. Give one of the two another username, or take the SIS id away in Microsoft 365.
match-domain-known-pupils = Domain of pupils: { $domain }, by the settings. { $accounts } accounts have this domain.
match-domain-known-staff = Domain of staff: { $domain }, by the settings. { $accounts } accounts have this domain.
match-domain-commonest-pupils = Domain of pupils: { $domain }, since most of their accounts have it. { $accounts } accounts have this domain.
match-domain-commonest-staff = Domain of staff: { $domain }, since most of their accounts have it. { $accounts } accounts have this domain.
match-remark-not-utf-8 = The file is not saved as UTF-8. It was read as Windows-1252.
match-remark-quote-form = { $count } rows with text after a closing quote were passed over, the first on row { $line }.
match-remark-cell-count = { $count } rows with too many cells were passed over, the first on row { $line }.
match-remark-no-username = { $count } rows without a username were passed over, the first on row { $line }.
match-remark-duplicate-account = { $count } accounts are in the file twice, the first on row { $line }.
match-remark-damaged-text = { $count } display names are damaged, the first on row { $line }: the username was compared.
match-no-username = No column has the username (User principal name). The columns are: { $columns }. Download the users again.
match-unreadable = This list of accounts cannot be read. Download the users again as CSV.
match-mark-family = family name { $how }
match-mark-given = given name { $how }
match-mark-username-only = the username has this name, the display name another
match-mark-birth-date = the same birth date
match-mark-other-birth-date = another birth date
match-mark-sis-id = School Data Sync has matched it with this person
match-mark-other-sis-id = School Data Sync has matched it with another id
match-mark-same-class = the same class
match-mark-other-class = a class years away
match-mark-other-kind = looks like staff for a pupil, or the other way round
match-mark-blocked = signing in is blocked
match-mark-former = looks like somebody's who left
match-mark-service = looks like a guest or a second account
match-mark-rare = nobody else here has this part of the name
match-mark-name-of-another = has this name and looks like somebody else's
match-mark-name-of-other-id = School Data Sync has matched it with another id
match-like-equal = equal
match-like-spelling = equal but for accents
match-like-shorter = with fewer parts
match-like-called = in another form
match-like-typo = but for a letter or two
match-like-sound = of the same sound
match-like-shortened = shortened
match-like-initial = by its first letter
match-like-different = another
match-mark-other-username = the username has another given name
match-mark-exchanged = given and family name stand in each other's columns
match-mark-older-than-person = was made before this person was two years old
match-mark-namesake-left = may be of a namesake who left
match-mark-chosen = somebody wrote this username for this person
match-remark-date-order = { $count } birth dates can be read in two ways, the first on row { $line }: they are not used.
match-remark-yes-or-no = { $count } cells do not say whether signing in is allowed, the first on row { $line }.
match-remark-header-again = { $count } rows repeat the header, the first on row { $line }.
match-no-domain-pupils = The domain of pupils is not known: nobody of them can be linked. Put it into the settings.
match-no-domain-staff = The domain of staff is not known: nobody of them can be linked. Put it into the settings.
match-classes-not-used = The classes of the accounts are of long ago and are not used: { $away } of { $compared } are years away.
match-not-whole = The file is not whole, or a quote on row { $line } is not closed. Download the users again.
match-no-accounts = No row has a username with an @. Download the users again.
