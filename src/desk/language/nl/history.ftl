history-title = Historiek
history-intro = Wat er naar Microsoft ging en waarom, en wie wat deed. Zoek een persoon of een klas, of vergelijk twee dagen.
history-form = Wat wil je terugvinden?
history-person = Persoon
history-person-hint = Naam of gebruikersnaam
history-class = Klas
history-any-class = Alle klassen
history-kind = Soort
history-any-kind = Alles
history-kind-published = Naar Microsoft
history-kind-username = Gebruikersnamen
history-kind-sync = Vrijgeven en uitzetten
history-kind-files = Bestanden
history-kind-access = Toegang en koppelingen
history-kind-settings = Instellingen
history-by = Wie
history-from = Van
history-to = Tot en met
history-show = Tonen
history-compare = Vergelijk beide dagen
history-empty = Niets te tonen
history-nobody = Hier is niemand en geen klas te vinden die zo heet.
history-two-days = Kies twee dagen om te vergelijken.
history-nothing-kept = Van deze dagen wordt niets bewaard.
history-choices = Wie bedoel je?
history-choice-pupil = leerling, { $username }
history-choice-staff = personeel, { $username }
history-choice-gone = vertrokken, laatst { $username }
history-differences = Wat er anders is
history-no-difference = Tussen deze dagen veranderde er niets op jouw vestigingen.
history-what = Wat
history-why = Reden
history-who-did-what = Wie deed wat
history-no-lines = Er is niets gebeurd dat hierbij past.
history-older = Ouder
history-more = En nog { $count } meer. Kies dagen die dichter bij elkaar liggen.
history-signed = door { $by }
history-nothing = niets
history-manager = beheerder
history-other-place = een andere vestiging
history-other-class = een klas van een andere vestiging
history-person-added = Voor het eerst naar Microsoft
history-person-returned = Opnieuw naar Microsoft
history-person-changed = Aangepast in Microsoft
history-person-removed = Niet meer naar Microsoft
history-person-oldest = Ging naar Microsoft (ouder wordt niet bewaard)
history-class-joined = In { $what }
history-class-changed = Aangepast in { $what }
history-class-left = Uit { $what }
history-class-oldest = Zat in { $what } (ouder wordt niet bewaard)
history-member-joined = { $what } kwam in de klas
history-member-changed = { $what } is aangepast
history-member-left = { $what } ging uit de klas
history-member-oldest = { $what } zat in de klas (ouder wordt niet bewaard)
history-object-added = Erbij: { $what }
history-object-changed = Aangepast: { $what }
history-object-removed = Weg: { $what }
history-object-oldest = Was er al: { $what }
history-redated = Opnieuw verstuurd
history-purged = De melding dat dit weg is, is verlopen
history-reason-first = bij de eerste keer dat alles werd klaargezet
history-reason-new = was er nog niet
history-reason-year = schooljaar { $year } werd actief
history-reason-sync-on = vrijgegeven
history-reason-sync-off = uitgezet
history-reason-username-given = nieuw in Informat, de gebruikersnaam werd gemaakt
history-reason-site-published = { $org } is nu gekoppeld
history-reason-user-published = de persoon gaat nu naar Microsoft
history-reason-renamed = gebruikersnaam van { $from } naar { $to }
history-reason-domain = domein van { $from } naar { $to }
history-reason-name = naam van { $from } naar { $to }
history-reason-moved = van { $from } naar { $to }
history-reason-moved-since = , daar sinds { $day }
history-reason-org-joined = hoort nu ook bij { $org }
history-reason-org-left = hoort niet meer bij { $org }
history-reason-joined = in klas { $class }
history-reason-joined-since = in klas { $class } sinds { $day }
history-reason-teaches = klastitularis van { $class }
history-reason-teaches-since = klastitularis van { $class } sinds { $day }
history-reason-went-to = ging naar { $class }
history-reason-retitled = heet niet meer { $from } maar { $to }
history-reason-places-changed = de vestigingen zijn anders
history-reason-field = { $field } is anders
history-reason-newer-program = een nieuwere versie van dit programma
history-reason-redated = dit werd opnieuw verstuurd, of het domein van het e-mailadres veranderde
history-reason-over = na 400 dagen
history-reason-unknown = de reden is niet bewaard
history-username-made = Gebruikersnaam gemaakt: { $to }
history-username-changed = Gebruikersnaam van { $from } naar { $to }
history-domain-changed = Domein van { $from } naar { $to }
history-sync-on = Vrijgegeven
history-sync-off = Uitgezet
history-sync-on-again = Uitzetten ongedaan gemaakt
history-sync-off-again = Vrijgave ongedaan gemaakt
history-handed-to = Gebruikersnaam doorgegeven aan iemand anders
history-handed-from = Gebruikersnaam overgenomen van iemand anders
history-reviewed = Nagekeken
history-waits = Wacht op een antwoord
history-needs-review = Moet nagekeken worden
history-trail-sync-on = { $count ->
    [one] Vrijgegeven:
   *[other] { $count } personen vrijgegeven, onder wie
}
history-trail-sync-off = { $count ->
    [one] Uitgezet:
   *[other] { $count } personen uitgezet, onder wie
}
history-trail-usernames = { $count ->
    [one] Gebruikersnaam veranderd:
   *[other] { $count } gebruikersnamen veranderd, onder andere van
}
history-trail-domains = { $count ->
    [one] Domein veranderd:
   *[other] { $count } domeinen veranderd, onder andere van
}
history-trail-reviewed = { $count ->
    [one] Nagekeken:
   *[other] { $count } gebruikersnamen nagekeken, onder andere van
}
history-trail-username-other = { $count ->
    [one] Gebruikersnaam bijgewerkt:
   *[other] { $count } gebruikersnamen bijgewerkt, onder andere van
}
history-trail-published = Nieuwe gegevens klaargezet voor Microsoft
history-trail-imported = Gegevens uit Informat ingelezen
history-trail-year = Schooljaar { $year } is actief
history-trail-birth-dates = { $count ->
    [one] Bestand met de geboortedatum van 1 persoon gedownload
   *[other] Bestand met de geboortedatums van { $count } personen gedownload
}
history-trail-right-given = { $who } kreeg { $role } op { $place }
history-trail-right-taken = { $who } verloor { $role } op { $place }
history-trail-right-changed = De rechten van { $who } op { $place } zijn aangepast: { $role }
history-trail-configured = Instellingen aangepast
history-trail-client-created = Koppeling { $client } gemaakt
history-trail-client-rotated = Koppeling { $client } kreeg een nieuw geheim
history-trail-client-revoked = Koppeling { $client } ingetrokken
history-trail-client-set = Koppeling { $client } aangepast
history-trail-tokens-revoked = De toegangstokens van koppeling { $client } tot dan toe ingetrokken
history-trail-release = Tegengehouden gegevens doorgelaten
history-trail-discard = Tegengehouden gegevens verworpen
history-trail-sent-again = { $count ->
    [one] Eén object opnieuw verstuurd
   *[other] { $count } objecten opnieuw verstuurd
}
history-trail-import-accepted = Gegevens uit Informat aanvaard ondanks een waarschuwing
history-trail-files-exported = Gegevens als bestanden klaargezet
history-trail-person-erased = Alle gegevens van een persoon gewist: { $person }
history-trail-name-forgotten = Een vroegere gebruikersnaam van een persoon vergeten: { $person }
history-trail-other = Andere handeling: { $kind }
history-with-reason = { $said }. Reden: { $reason }
