match-is-accounts = Dit is een lijst van accounts van Microsoft. Ze wordt naast de gebruikersnamen gelegd.
match-comparing = De accounts worden naast de gebruikersnamen gelegd…
match-title = Accounts van Microsoft naast de gebruikersnamen
match-nothing-changed = Er is nog niets veranderd. Kijk de bevindingen na; pas als je de voorstellen als controlebestand toepast, verandert er iets.
match-summary = { $people ->
    [one] 1 persoon
   *[other] { $people } mensen
} vergeleken met { $accounts ->
    [one] 1 account
   *[other] { $accounts } accounts
}. { $proposals ->
    [0] Er zijn geen voorstellen.
    [one] 1 gebruikersnaam wordt voorgesteld.
   *[other] { $proposals } gebruikersnamen worden voorgesteld.
}
match-verdict-linked = Gekoppeld
match-verdict-new = Nieuw account
match-verdict-other-name = Andere naam
match-verdict-taken = Naam bezet
match-verdict-ambiguous = Na te kijken
match-help-linked = De gebruikersnaam is een account met deze naam. Je moet niets doen.
match-help-new = Geen account lijkt op dat van deze mensen. Microsoft maakt een nieuw account.
match-help-other_name = Deze mensen hebben waarschijnlijk een account onder een andere naam. Met een voorstel: dat is zeker. Zonder: kijk zelf, en typ de naam in het controlebestand.
match-help-taken = De gebruikersnaam is het account, of een alias, van iemand anders. Geef een andere gebruikersnaam.
match-help-ambiguous = Meer dan één account kan van deze persoon zijn, of meer dan één persoon bij dit account horen. Of iets zegt dat het account niet van deze persoon is. Kijk zelf na.
match-filter = Toon
match-all = Allemaal
match-proposed = Met voorstel
match-people = Mensen en hun accounts
match-name = Naam
match-username = Gebruikersnaam
match-verdict = Bevinding
match-proposal = Voorstel
match-accounts = Accounts die het kunnen zijn
match-account-line = { $username } ({ $score }: { $because })
match-object-id-column = Object-id
match-object-id = Object-id { $id }
match-more-people = En nog { $count } meer: download het controlebestand om iedereen te zien.
match-more-people-one = En nog 1 meer: download het controlebestand om iedereen te zien.
match-none-shown = Niemand met deze bevinding.
match-review = Voorstellen nakijken en toepassen
match-download-xlsx = Download met bevindingen (Excel)
match-download-csv = Download met bevindingen (CSV)
match-accounts-nobody = Accounts die bij niemand horen
match-accounts-nobody-seen = Accounts die bij niemand horen die jij mag zien
match-more-accounts = En nog { $count } meer.
match-more-accounts-one = En nog 1 meer.
match-account = Account
match-note = Goed om te weten
match-remarks = Goed om te weten
match-account-pupil = lijkt van een leerling
match-account-staff = lijkt van een personeelslid
match-account-synchronised = komt uit de eigen Active Directory van de school: de naam wijzig je daar
match-account-sis-id = School Data Sync koppelde het al eens
match-account-of-two = Het account { $account } heeft de gebruikersnaam van { $one }, maar School Data Sync koppelde het eerder aan { $other }. Geef een van beiden een andere gebruikersnaam, of verwijder de SIS-id in Microsoft 365.
match-domain-known-pupils = Domein van de leerlingen: { $domain }, volgens de instellingen. { $accounts } accounts hebben dit domein.
match-domain-known-staff = Domein van het personeel: { $domain }, volgens de instellingen. { $accounts } accounts hebben dit domein.
match-domain-commonest-pupils = Domein van de leerlingen: { $domain }, omdat de meeste van hun accounts het hebben. { $accounts } accounts hebben dit domein.
match-domain-commonest-staff = Domein van het personeel: { $domain }, omdat de meeste van hun accounts het hebben. { $accounts } accounts hebben dit domein.
match-remark-not-utf-8 = Het bestand is niet als UTF-8 bewaard. Het werd gelezen als Windows-1252.
match-remark-quote-form = { $count } rijen met tekst na een sluitend aanhalingsteken zijn overgeslagen, de eerste op rij { $line }.
match-remark-cell-count = { $count } rijen met te veel cellen zijn overgeslagen, de eerste op rij { $line }.
match-remark-no-username = { $count } rijen zonder gebruikersnaam zijn overgeslagen, de eerste op rij { $line }.
match-remark-duplicate-account = { $count } accounts staan twee keer in het bestand, het eerste op rij { $line }.
match-remark-damaged-text = { $count } weergavenamen zijn beschadigd, de eerste op rij { $line }: de gebruikersnaam is vergeleken.
match-no-username = Er is geen kolom met de gebruikersnaam (User principal name). De kolommen zijn: { $columns }. Download de gebruikers opnieuw.
match-unreadable = Deze lijst van accounts kan niet gelezen worden. Download de gebruikers opnieuw als CSV.
match-mark-family = familienaam { $how }
match-mark-given = voornaam { $how }
match-mark-username-only = de gebruikersnaam of een alias heeft deze naam, de weergavenaam een andere
match-mark-birth-date = dezelfde geboortedatum
match-mark-other-birth-date = een andere geboortedatum
match-mark-sis-id = School Data Sync koppelde het aan deze persoon
match-mark-other-sis-id = School Data Sync koppelde het aan een andere id
match-mark-same-class = dezelfde klas
match-mark-other-class = een klas van een heel ander leerjaar
match-mark-other-kind = lijkt personeel voor een leerling, of omgekeerd
match-mark-blocked = aanmelden is geblokkeerd
match-mark-former = lijkt van iemand die weg is
match-mark-service = lijkt een gast of een tweede account
match-mark-rare = niemand anders hier heeft dit deel van de naam
match-mark-name-of-another = heeft deze naam en lijkt van iemand anders
match-mark-name-of-other-id = School Data Sync koppelde het aan een andere id
match-like-equal = gelijk
match-like-spelling = gelijk op accenten na
match-like-shorter = met minder delen
match-like-called = in een andere vorm
match-like-typo = op een letter of twee na
match-like-sound = met dezelfde klank
match-like-shortened = afgekort
match-like-initial = met de eerste letter
match-like-different = anders
match-mark-other-username = de gebruikersnaam heeft een andere voornaam
match-mark-exchanged = voornaam en familienaam staan in elkaars kolom
match-mark-older-than-person = gemaakt voor deze persoon twee jaar was
match-mark-namesake-left = kan van een naamgenoot zijn die weg is
match-mark-chosen = iemand schreef deze gebruikersnaam voor deze persoon
match-remark-date-order = { $count } geboortedatums kunnen op twee manieren gelezen worden, de eerste op rij { $line }: ze worden niet gebruikt.
match-remark-yes-or-no = { $count } cellen zeggen niet of aanmelden mag, de eerste op rij { $line }.
match-remark-header-again = { $count } rijen herhalen de kolomnamen, de eerste op rij { $line }.
match-no-domain-pupils = Het domein van de leerlingen is niet bekend: niemand van hen kan gekoppeld worden. Zet het in de instellingen.
match-no-domain-staff = Het domein van het personeel is niet bekend: niemand van hen kan gekoppeld worden. Zet het in de instellingen.
match-classes-not-used = De klassen van de accounts zijn van lang geleden en worden niet gebruikt: { $away } van de { $compared } zijn van een heel ander leerjaar.
match-not-whole = Het bestand is niet volledig, of een aanhalingsteken op rij { $line } wordt niet gesloten. Download de gebruikers opnieuw.
match-no-accounts = Geen enkele rij heeft een gebruikersnaam met een @. Download de gebruikers opnieuw.
