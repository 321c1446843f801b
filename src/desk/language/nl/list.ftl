list-waits-person-id-changed = Waarschijnlijk al bekend onder een ander nummer: kijk na of deze persoon al een account heeft.
list-waits-probably-merged = Lijkt op iemand die vertrokken is: kijk na of deze persoon al een account heeft.
list-waits-placeholder = De naam is die van niemand in het bijzonder (zoals N.N.): geef een andere gebruikersnaam of zet Sync bij deze persoon zelf aan.
list-waits-damaged-text = De gebruikersnaam komt van een beschadigde naam: kijk ze na.
list-waits-review = Letters van de naam konden niet in de gebruikersnaam: kijk ze na.
list-refused-read-only = Je kunt deze persoon zien, maar niet wijzigen.
list-hint-read-only = Vraag schrijfrechten aan de beheerder van je school.
list-refused-changed-meanwhile = Iemand anders heeft deze gebruikersnaam net gewijzigd. Kijk wat er nu staat en probeer opnieuw.
list-refused-confirm-rename = De gebruikersnaam { $name } is al naar Microsoft gegaan. Met een andere naam krijgt het account een nieuwe naam en een nieuw hoofdadres; het oude adres blijft als alias bestaan.
list-refused-name-held = { $name } is al de gebruikersnaam van { $holder }.
list-refused-name-held-hidden = { $name } is al in gebruik.
list-refused-name-of-erased = { $name } was de gebruikersnaam van iemand van wie de gegevens gewist zijn. Niemand anders krijgt die.
list-hint-name-held = Een gebruikersnaam is uniek over leerlingen en personeel heen, ook met een ander domein. Kies een andere, bijvoorbeeld met een cijfer erachter.
list-refused-empty = Een gebruikersnaam kan niet leeg zijn.
list-refused-too-long = { $count } tekens vóór de @ zijn er te veel: hoogstens 64.
list-refused-character = Het teken “{ $character }” op plaats { $position } mag niet.
list-hint-character = Gebruik letters zonder accenten, cijfers en . - _ ' ! # ^ ~.
list-refused-dot = Een punt mag niet vooraan, niet vlak voor de @ en niet naast een andere punt staan.
list-refused-at-sign = Er mag hoogstens één @ in staan, voor het domein.
list-refused-domain-refused = Microsoft voegt het domein toe: typ alleen wat vóór de @ staat.
list-refused-domain-missing = Voor personeel wordt het domein meegestuurd: typ het na een @.
list-refused-domain-unknown = { $domain } is geen domein van jullie.
list-hint-domains = Kies een van deze domeinen: { $domains }.
list-refused-reason = Een reden telt hoogstens 500 tekens, op één regel.
list-refused-other = Dat kan niet: { $message }
list-warning-was-of-another = { $name } was vroeger de gebruikersnaam van { $holder } en kan nog een alias van dat account zijn: verwijder die alias in Microsoft 365, anders krijgt deze persoon de naam niet.
list-warning-somebody = iemand anders
list-warning-domain-stays = { $domain } blijft voortaan, ook na een verhuis naar een andere vestiging. Laat het domein weg om het de vestiging te laten volgen.
list-warning-was-released-as = Deze persoon was al vrijgegeven als { $name }.
list-held-users-removed = Er zouden veel gebruikers verdwijnen
list-held-classes-removed = Er zouden veel klassen verdwijnen
list-held-fewer-memberships = Er zouden veel minder leden van klassen zijn
list-held-usernames-changed = Er zouden veel gebruikersnamen veranderen
list-held-names-lost = Er zouden veel namen wegvallen
list-held-names-changed = Er zouden veel namen veranderen
list-held-pupils-moved = Er zouden veel leerlingen van klas veranderen
list-held-classes-retitled = Er zouden veel klassen een andere titel krijgen
list-held-counted = { $what }: van { $before } blijven er { $after }.
list-held-counted-at = { $what } ({ $org }): van { $before } blijven er { $after }.
list-bulk-on = { $count ->
    [0] Niemand wordt vrijgegeven.
    [one] Eén persoon wordt vrijgegeven.
   *[other] { $count } personen worden vrijgegeven.
    }
list-bulk-off = { $count ->
    [0] Van niemand gaat Sync uit.
    [one] Van één persoon gaat Sync uit.
   *[other] Van { $count } personen gaat Sync uit.
    }
list-bulk-unchanged = { $count ->
    [one] Eén persoon staat al zo.
   *[other] { $count } personen staan al zo.
    }
list-bulk-accounts-made = { $count ->
    [one] Microsoft maakt één nieuw account.
   *[other] Microsoft maakt { $count } nieuwe accounts.
    }
list-bulk-leave-teams = { $count ->
    [one] Eén persoon verdwijnt uit
   *[other] { $count } personen verdwijnen uit
    } { $teams ->
    [one] één Team.
   *[other] { $teams } Teams.
    }
list-bulk-passed-over = { $count ->
    [one] Eén persoon wordt overgeslagen.
   *[other] { $count } personen worden overgeslagen.
    }
list-bulk-will-be-held = Dit is zo'n grote wijziging dat ze tegengehouden wordt, tot een operator ze doorlaat.
list-bulk-is-held = Wijzigingen worden op dit ogenblik tegengehouden: Microsoft ziet ook deze pas als ze doorgelaten zijn.
list-bulk-changed = De selectie is ondertussen veranderd: { $added } erbij, { $removed } weg, { $switched } anders. Kijk na wat er nu zou gebeuren.
list-bulk-too-many = Dat zijn te veel personen om op te noemen: kies ze met een filter.
list-bulk-busy = Er verandert op dit ogenblik van alles. Er is niets gewijzigd; probeer opnieuw.
list-undo-undone = { $count ->
    [one] Eén persoon staat weer zoals voordien.
   *[other] { $count } personen staan weer zoals voordien.
    }
list-undo-refused = { $count ->
    [one] Bij één persoon kwam er iets tussen: daar is niets gewijzigd.
   *[other] Bij { $count } personen kwam er iets tussen: daar is niets gewijzigd.
    }
list-undo-read-on = { $count ->
    [one] Van één persoon had Microsoft al gelezen dat die vrijgegeven was.
   *[other] Van { $count } personen had Microsoft al gelezen dat ze vrijgegeven waren.
    }
list-undo-read-off = { $count ->
    [one] Van één persoon had Microsoft al gelezen dat Sync uit stond.
   *[other] Van { $count } personen had Microsoft al gelezen dat Sync uit stond.
    }
list-undo-between = Gewijzigd door { $by } op { $at }.
list-print-title = Gebruikersnamen per klas
list-print-nobody = Geen leerling voldoet.
list-cell-on = ja
list-cell-off = nee
list-history-system = het systeem
list-history-created = Gebruikersnaam { $to } gemaakt door { $by }.
list-history-name = Gebruikersnaam van { $from } naar { $to }, door { $by }.
list-history-domain = Domein { $to } gekozen door { $by }.
list-history-domain-left-off = Domein { $from } weggelaten door { $by }: het volgt weer de vestiging.
list-history-sync-on = Vrijgegeven (Sync aan) door { $by }.
list-history-sync-off = Sync uitgezet door { $by }.
list-history-sync-on-again = Het uitzetten is ongedaan gemaakt door { $by }: weer vrijgegeven.
list-history-sync-off-again = De vrijgave is ongedaan gemaakt door { $by }.
list-history-handed-to = Gebruikersnaam doorgegeven aan { $other }, door { $by }.
list-history-handed-from = Gebruikersnaam overgenomen van { $other }, door { $by }.
list-history-waits = Wacht op een antwoord ({ $by }).
list-history-answered = Nagekeken door { $by }: wacht niet meer.
list-history-review = Na te kijken ({ $by }).
list-history-reviewed = Nagekeken door { $by }.
list-history-other = Gewijzigd door { $by }.
list-history-with-reason = { $said } Reden: { $reason }
list-refused-preferences = Dat is te veel om te bewaren.
