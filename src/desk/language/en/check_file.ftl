check-file-title = Check file
check-file-intro = Have your school check all usernames in a spreadsheet. What stands in the third column becomes the new username; an empty cell changes nothing.
check-file-back = Back to Usernames
check-file-download-title = 1. Download the file
check-file-download-words = Everyone at your sites who can go to Microsoft, now or later, released or not. The file holds birth dates: keep it safe.
check-file-place = Site
check-file-all-places = All sites
check-file-download-xlsx = Download for Excel
check-file-download-csv = Download as CSV
check-file-downloaded = { $file } is downloaded.
check-file-upload-title = 2. Check a file
check-file-upload-words = Drop your corrected check file here or choose it. Nothing changes yet: every row is checked first. A list of users of Microsoft Entra or of the Microsoft 365 admin centre is taken as well: then you see which account is whose.
check-file-choose = Choose a file (.xlsx, .csv or .json)
check-file-drop = Or drop the file here
check-file-one = Drop one file at a time.
check-file-judging = The file is being checked…
check-file-applying = The names are being changed…
check-file-result-title = 3. What changes
check-file-summary = { $rows ->
    [one] 1 row read
   *[other] { $rows } rows read
}: { $changed ->
    [one] 1 username changes
   *[other] { $changed } usernames change
}, { $reviewed ->
    [one] 1 stays and counts as reviewed
   *[other] { $reviewed } stay and count as reviewed
}.
check-file-nothing = This file changes nothing. Fill in the third column what should be different.
check-file-has-faults = Nothing was changed yet. Correct these rows in the file first and choose it again.
check-file-accepted = Every row is in order. Nothing was changed yet.
check-file-rename-warning = Whoever has an account in Microsoft gets the new name as account and as primary address; the old address stays as an alias.
check-file-faults = Refused rows
check-file-warnings = Good to know
check-file-changes = What changes
check-file-line = Row
check-file-whole-file = File
check-file-column = Column
check-file-value = It says
check-file-message = What to do
check-file-name = Name
check-file-from = Now
check-file-to = Becomes
check-file-new = new since you looked
check-file-more = And { $count } more.
check-file-apply = Apply
check-file-applied = { $changed ->
    [one] Done: 1 username changed
   *[other] Done: { $changed } usernames changed
}, { $reviewed } reviewed. Microsoft reads this at the next synchronisation.
check-file-refused = The file is not applied: it has rows that cannot be. Nothing was changed.
check-file-changed-meanwhile = Something changed meanwhile. Nothing was applied yet: look at the list again.
check-file-too-large = The file is larger than 32 MB.
check-file-incomplete = The file did not arrive whole. Try again.
check-file-failed = That did not work
check-file-no-rights-title = There is nothing here that you may see
check-file-no-rights-words = Ask your manager for rights at a site.
check-file-read-only = You may see usernames, but not change them.
check-file-fault-cell-count = This row has more cells than the header. Remove those that are too many.
check-file-fault-domain-refused = This domain cannot be used here. Type only what stands before the @, or use a domain of your school.
check-file-fault-domain-missing = This person needs the domain too. Type name@domain.
check-file-fault-duplicate-column = This column stands twice in the header. Remove one.
check-file-fault-duplicate-person = This person stands twice in the file. Remove one of the rows.
check-file-fault-empty-file = The file is empty. Download the check file again.
check-file-fault-id-form = This is no ID of the check file. Do not change the first column.
check-file-fault-missing-column = This column is missing in the header. Download the check file again.
check-file-fault-name-form = This cannot be a username. Use letters without accents, digits and . - _ , with no dot at the beginning, at the end, or twice.
check-file-fault-name-held = Somebody else has this username. Choose another.
check-file-fault-name-length = This username is too long: at most 64 characters before the @.
check-file-fault-name-swap = Names cannot be swapped at once. Give both a temporary name first and wait for a synchronisation, remove the old aliases in Microsoft 365, then give the right names.
check-file-fault-name-twice = Another row asks for the same username. Give one of them another.
check-file-fault-not-text = This file cannot be read. Save it as an Excel workbook (.xlsx) or as CSV UTF-8.
check-file-fault-not-this-person = This row belongs to somebody else than its ID says: the columns have slipped. Download the check file again.
check-file-fault-other-org = This person is not at this site. Empty the third column of this row.
check-file-fault-quote-form = A quotation mark is missing. Save the file again from your spreadsheet.
check-file-fault-read-only = You may not change this person's username. Empty the third column of this row.
check-file-fault-spreadsheet-cell = Your spreadsheet made a date, a number or an error of this. Type the name again as text.
check-file-fault-too-large = The file is too large to read. Download a file per site.
check-file-fault-unknown-person = Nobody with this ID has a username here. Remove the row or download the check file again.
check-file-fault-workbook-form = This is no Excel workbook that can be read. Save it again as .xlsx, without a password.
check-file-remark-not-utf8 = The file was not saved as UTF-8. It was read as Windows-1252: check letters with accents.
check-file-remark-slipped = What stands in this row is not that of the person of the ID. Since the third column is empty, nothing changes.
check-file-remark-more-slipped = { $count ->
    [one] 1 more such row. Were
   *[other] { $count } more such rows. Were
} the columns sorted apart? Then download the check file again.
check-file-remark-other-org = { $count ->
    [one] 1 row of somebody
   *[other] { $count } rows of people
} at another site passed over.
check-file-remark-read-only = { $count ->
    [one] 1 row of somebody
   *[other] { $count } rows of people
} whom you may only see passed over.
check-file-remark-changed-since = This username was changed after the file was downloaded.
check-file-remark-was-of-another = This name was somebody else's and may still be an alias of that account in Microsoft 365. Remove the alias there.
check-file-remark-domain-stays = This domain stays from now on, also when the pupil moves to another site. Leave the domain off to let it follow.
