teams-title = File to archive old Teams
teams-intro = Download the file of sections in School Data Sync (SectionUsage.csv) and choose it here. You get the same file back with the classes of { $year } only. What you upload to Microsoft is archived: look at it first.
teams-choose = Choose SectionUsage.csv
teams-reading = The file is looked at…
teams-summary = { $count ->
    [one] 1 Team of { $year } is in the file to upload.
   *[other] { $count } Teams of { $year } are in the file to upload.
}
teams-left-active = { $count } rows of the active school year are left out.
teams-left-other = { $count } rows of another school year are left out.
teams-left-unknown = { $count } rows that are no class here are left out.
teams-download = Download the file to upload
teams-downloaded = { $file } is downloaded.
teams-list = Teams that are archived
teams-line = Row
teams-name = Class
teams-more = And { $count } more.
teams-too-large = The file is larger than 32 MB.
teams-unreadable = This file cannot be read. Download it again in School Data Sync and change nothing in it.
teams-refused-active = { $year } is the active school year: those Teams are in use. Activate the new school year first.
teams-refused-unknown = Nothing of { $year } was published here. There is nothing to archive.
teams-refused-purged = Not all of { $year } is kept any more. Choose the rows by hand in the file of School Data Sync.
teams-refused-header = The first row is a class: the row with the names of the columns is missing. Download the file again.
teams-refused-in-use = { $count } rows are a class of the active school year as well, the first on row { $line }: { $name }. Take those rows out of the file, or rename the Team.
teams-refused-nothing = No row is a class of { $year }. Download the file again in School Data Sync.
