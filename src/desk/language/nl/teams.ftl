teams-title = Bestand om oude Teams te archiveren
teams-intro = Download in School Data Sync het bestand met de secties (SectionUsage.csv) en kies het hier. Je krijgt hetzelfde bestand terug met alleen de klassen van { $year }. Wat je bij Microsoft oplaadt, wordt gearchiveerd: kijk het eerst na.
teams-choose = Kies SectionUsage.csv
teams-reading = Het bestand wordt nagekeken…
teams-summary = { $count ->
    [one] 1 Team van { $year } staat in het bestand om op te laden.
   *[other] { $count } Teams van { $year } staan in het bestand om op te laden.
}
teams-left-active = { $count } rijen van het actieve schooljaar zijn weggelaten.
teams-left-other = { $count } rijen van een ander schooljaar zijn weggelaten.
teams-left-unknown = { $count } rijen die hier geen klas zijn, zijn weggelaten.
teams-download = Download het bestand om op te laden
teams-downloaded = { $file } is gedownload.
teams-list = Teams die gearchiveerd worden
teams-line = Rij
teams-name = Klas
teams-more = En nog { $count } meer.
teams-too-large = Het bestand is groter dan 32 MB.
teams-unreadable = Dit bestand kan niet gelezen worden. Download het opnieuw in School Data Sync en verander er niets in.
teams-refused-active = { $year } is het actieve schooljaar: die Teams zijn in gebruik. Activeer eerst het nieuwe schooljaar.
teams-refused-unknown = Van { $year } is hier niets gepubliceerd. Er is niets om te archiveren.
teams-refused-purged = Van { $year } is niet alles meer bewaard. Kies de rijen met de hand in het bestand van School Data Sync.
teams-refused-header = De eerste rij is een klas: de rij met de namen van de kolommen ontbreekt. Download het bestand opnieuw.
teams-refused-in-use = { $count } rijen zijn ook een klas van het actieve schooljaar, de eerste op rij { $line }: { $name }. Haal die rijen uit het bestand, of geef het Team een andere naam.
teams-refused-nothing = Geen enkele rij is een klas van { $year }. Download het bestand opnieuw in School Data Sync.
