check-file-title = Controlebestand
check-file-intro = Laat je school alle gebruikersnamen nakijken in een rekenblad. Wat in de derde kolom staat, wordt de nieuwe gebruikersnaam; een lege cel verandert niets.
check-file-back = Terug naar Gebruikersnamen
check-file-download-title = 1. Bestand downloaden
check-file-download-words = Iedereen van jouw vestigingen die naar Microsoft kan gaan, nu of later, vrijgegeven of niet. In het bestand staan geboortedatums: bewaar het zorgvuldig.
check-file-place = Vestiging
check-file-all-places = Alle vestigingen
check-file-download-xlsx = Download voor Excel
check-file-download-csv = Download als CSV
check-file-downloaded = { $file } is gedownload.
check-file-upload-title = 2. Bestand nakijken
check-file-upload-words = Sleep je verbeterde controlebestand hierheen of kies het. Er verandert nog niets: elke rij wordt eerst nagekeken. Een lijst van gebruikers uit Microsoft Entra of het beheercentrum van Microsoft 365 kan ook: dan zie je welk account bij wie hoort.
check-file-choose = Kies een bestand (.xlsx, .csv of .json)
check-file-drop = Of laat het bestand hier los
check-file-one = Laat één bestand tegelijk los.
check-file-judging = Het bestand wordt nagekeken…
check-file-applying = De namen worden veranderd…
check-file-result-title = 3. Wat er verandert
check-file-summary = { $rows ->
    [one] 1 rij gelezen
   *[other] { $rows } rijen gelezen
}: { $changed ->
    [one] 1 gebruikersnaam verandert
   *[other] { $changed } gebruikersnamen veranderen
}, { $reviewed ->
    [one] 1 blijft en geldt als nagekeken
   *[other] { $reviewed } blijven en gelden als nagekeken
}.
check-file-nothing = Dit bestand verandert niets. Vul in de derde kolom in wat anders moet.
check-file-has-faults = Er is nog niets veranderd. Verbeter eerst deze rijen in het bestand en kies het opnieuw.
check-file-accepted = Elke rij is in orde. Er is nog niets veranderd.
check-file-rename-warning = Wie al een account heeft in Microsoft, krijgt de nieuwe naam als account en als eerste adres; het oude adres blijft bestaan als alias.
check-file-faults = Geweigerde rijen
check-file-warnings = Goed om te weten
check-file-changes = Wat er verandert
check-file-line = Rij
check-file-whole-file = Bestand
check-file-column = Kolom
check-file-value = Er staat
check-file-message = Wat moet je doen
check-file-name = Naam
check-file-from = Nu
check-file-to = Wordt
check-file-new = nieuw sinds je keek
check-file-more = En nog { $count } meer.
check-file-apply = Toepassen
check-file-applied = { $changed ->
    [one] Klaar: 1 gebruikersnaam veranderd
   *[other] Klaar: { $changed } gebruikersnamen veranderd
}, { $reviewed } nagekeken. Microsoft leest dit bij de volgende synchronisatie.
check-file-refused = Het bestand wordt niet toegepast: er staan rijen in die niet kunnen. Er is niets veranderd.
check-file-changed-meanwhile = Intussen is er iets veranderd. Er is nog niets toegepast: kijk het overzicht opnieuw na.
check-file-too-large = Het bestand is groter dan 32 MB.
check-file-incomplete = Het bestand is niet volledig aangekomen. Probeer het opnieuw.
check-file-failed = Dat lukte niet
check-file-no-rights-title = Je mag hier niets zien
check-file-no-rights-words = Vraag je beheerder om rechten op een vestiging.
check-file-read-only = Je mag gebruikersnamen zien, maar niet veranderen.
check-file-fault-cell-count = Deze rij heeft meer cellen dan de titelrij. Haal de overtollige cellen weg.
check-file-fault-domain-refused = Dit domein kan hier niet. Typ alleen het stuk voor de @, of gebruik een domein van je school.
check-file-fault-domain-missing = Voor deze persoon hoort het domein erbij. Typ naam@domein.
check-file-fault-duplicate-column = Deze kolom staat twee keer in de titelrij. Haal er een weg.
check-file-fault-duplicate-person = Deze persoon staat twee keer in het bestand. Haal een van de twee rijen weg.
check-file-fault-empty-file = Het bestand is leeg. Download het controlebestand opnieuw.
check-file-fault-id-form = Dit is geen ID uit het controlebestand. Verander de eerste kolom niet.
check-file-fault-missing-column = Deze kolom ontbreekt in de titelrij. Download het controlebestand opnieuw.
check-file-fault-name-form = Dit kan geen gebruikersnaam zijn. Gebruik letters zonder accenten, cijfers en . - _ , zonder punt vooraan, achteraan of dubbel.
check-file-fault-name-held = Iemand anders heeft deze gebruikersnaam al. Kies een andere.
check-file-fault-name-length = Deze gebruikersnaam is te lang: hoogstens 64 tekens voor de @.
check-file-fault-name-swap = Namen wisselen kan niet in één keer. Geef beiden eerst een tijdelijke naam en wacht een synchronisatie af, haal de oude aliassen weg in Microsoft 365, en geef dan de juiste namen.
check-file-fault-name-twice = Een andere rij vraagt dezelfde gebruikersnaam. Geef een van beiden een andere.
check-file-fault-not-text = Dit bestand kan niet gelezen worden. Bewaar het als Excel-werkmap (.xlsx) of als CSV UTF-8.
check-file-fault-not-this-person = Deze rij hoort bij iemand anders dan de ID zegt: de kolommen zijn verschoven. Download het controlebestand opnieuw.
check-file-fault-other-org = Deze persoon hoort niet bij deze vestiging. Maak de derde kolom van deze rij leeg.
check-file-fault-quote-form = Er ontbreekt een aanhalingsteken. Bewaar het bestand opnieuw vanuit je rekenprogramma.
check-file-fault-read-only = Je mag de gebruikersnaam van deze persoon niet veranderen. Maak de derde kolom van deze rij leeg.
check-file-fault-spreadsheet-cell = Je rekenprogramma maakte hier een datum, een getal of een fout van. Typ de naam opnieuw als tekst.
check-file-fault-too-large = Het bestand is te groot om te lezen. Download een bestand per vestiging.
check-file-fault-unknown-person = Niemand met deze ID heeft hier een gebruikersnaam. Haal de rij weg of download het controlebestand opnieuw.
check-file-fault-workbook-form = Dit is geen leesbare Excel-werkmap. Bewaar ze opnieuw als .xlsx, zonder wachtwoord.
check-file-remark-not-utf8 = Het bestand is niet als UTF-8 bewaard. Het werd gelezen als Windows-1252: kijk letters met accenten na.
check-file-remark-slipped = Wat in deze rij staat, is niet van de persoon van de ID. Omdat de derde kolom leeg is, verandert er niets.
check-file-remark-more-slipped = { $count ->
    [one] Nog 1 zo'n rij. Zijn
   *[other] Nog { $count } zulke rijen. Zijn
} de kolommen apart gesorteerd? Download het controlebestand dan opnieuw.
check-file-remark-other-org = { $count ->
    [one] 1 rij van iemand
   *[other] { $count } rijen van mensen
} van een andere vestiging werd overgeslagen.
check-file-remark-read-only = { $count ->
    [one] 1 rij van iemand
   *[other] { $count } rijen van mensen
} die je alleen mag zien, werd overgeslagen.
check-file-remark-changed-since = Deze gebruikersnaam werd veranderd nadat het bestand gedownload was.
check-file-remark-was-of-another = Deze naam was vroeger van iemand anders en kan in Microsoft 365 nog een alias van dat account zijn. Haal de alias daar weg.
check-file-remark-domain-stays = Dit domein blijft voortaan zo, ook als de leerling van vestiging verandert. Laat het domein weg om het te laten volgen.
