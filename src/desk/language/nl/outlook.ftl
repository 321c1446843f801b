outlook-title = Vooruitblik
outlook-intro = Kies een dag en zie wie er dan bijkomt, wie vertrekt en wie verandert, vergeleken met vandaag. Wie nog niet vrijgegeven is, staat er ook bij.
outlook-form = Welke dag wil je zien?
outlook-day = Dag
outlook-year = Schooljaar
outlook-place = Vestiging
outlook-class = Klas
outlook-all-places = Alle vestigingen
outlook-all-classes = Toon weer alle klassen
outlook-show = Tonen
outlook-bad-day = Dat is geen dag. Kies een dag, bijvoorbeeld 11/01/2027.
outlook-summary = Op { $day }, vergeleken met { $today }: { $come } { $come ->
    [one] persoon komt
   *[other] personen komen
}, { $go } { $go ->
    [one] vertrekt
   *[other] vertrekken
}, { $change } { $change ->
    [one] verandert
   *[other] veranderen
}.
outlook-by-place = Per vestiging en klas
outlook-no-change = Op die dag verandert er niets op jouw vestigingen.
outlook-comes = Komt
outlook-goes = Vertrekt
outlook-changes = Verandert
outlook-who-comes = Wie komt
outlook-who-goes = Wie vertrekt
outlook-who-changes = Wie verandert
outlook-nobody-comes = Niemand komt erbij.
outlook-nobody-goes = Niemand vertrekt.
outlook-nobody-changes = Niemand verandert van klas, vestiging of gebruikersnaam.
outlook-monday = Starters tegen maandag { $day }
outlook-first-day = Starters op { $day }
outlook-nobody-monday = Tot en met die dag start er niemand.
outlook-ending = Opdrachten die binnen 14 dagen eindigen
outlook-nothing-ends = Geen enkele opdracht eindigt binnen 14 dagen.
outlook-name = Naam
outlook-kind = Soort
outlook-username = Gebruikersnaam
outlook-why = Reden
outlook-pupil = Leerling
outlook-staff = Personeel
outlook-nothing = geen
outlook-from-to = { $from } → { $to }
outlook-to-release = nog vrij te geven
outlook-last-day = Laatste dag
outlook-published-until = In Microsoft tot en met
outlook-more = En nog { $count } meer. Kies een vestiging of een klas om iedereen te zien.
