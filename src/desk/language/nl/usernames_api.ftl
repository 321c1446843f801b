usernames-waits-person-id-changed = Waarschijnlijk al bekend onder een ander nummer: kijk na of deze persoon al een account heeft.
usernames-waits-probably-merged = Lijkt op iemand die vertrokken is: kijk na of deze persoon al een account heeft.
usernames-waits-placeholder = De naam is die van niemand in het bijzonder (zoals N.N.): geef een andere gebruikersnaam of zet Sync bij deze persoon zelf aan.
usernames-waits-damaged-text = De gebruikersnaam komt van een beschadigde naam: kijk ze na.
usernames-waits-review = Letters van de naam konden niet in de gebruikersnaam: kijk ze na.
usernames-refused-read-only = Je kunt deze persoon zien, maar niet wijzigen.
usernames-hint-read-only = Vraag schrijfrechten aan de beheerder van je school.
usernames-refused-changed-meanwhile = Iemand anders heeft deze gebruikersnaam net gewijzigd. Kijk wat er nu staat en probeer opnieuw.
usernames-refused-confirm-rename = De gebruikersnaam { $name } is al naar Microsoft gegaan. Met een andere naam krijgt het account een nieuwe naam en een nieuw hoofdadres; het oude adres blijft als alias bestaan.
usernames-refused-name-held = { $name } is al de gebruikersnaam van { $holder }.
usernames-refused-name-held-hidden = { $name } is al in gebruik.
usernames-hint-name-held = Een gebruikersnaam is uniek over leerlingen en personeel heen, ook met een ander domein. Kies een andere, bijvoorbeeld met een cijfer erachter.
usernames-refused-empty = Een gebruikersnaam kan niet leeg zijn.
usernames-refused-too-long = { $count } tekens vóór de @ zijn er te veel: hoogstens 64.
usernames-refused-character = Het teken “{ $character }” op plaats { $position } mag niet.
usernames-hint-character = Gebruik letters zonder accenten, cijfers en . - _ ' ! # ^ ~.
usernames-refused-dot = Een punt mag niet vooraan, niet vlak voor de @ en niet naast een andere punt staan.
usernames-refused-at-sign = Er mag hoogstens één @ in staan, voor het domein.
usernames-refused-domain-refused = Microsoft voegt het domein toe: typ alleen wat vóór de @ staat.
usernames-refused-domain-missing = Voor personeel wordt het domein meegestuurd: typ het na een @.
usernames-refused-domain-unknown = { $domain } is geen domein van jullie.
usernames-hint-domains = Kies een van deze domeinen: { $domains }.
usernames-refused-reason = Een reden telt hoogstens 500 tekens, op één regel.
usernames-refused-other = Dat kan niet: { $message }
usernames-warning-was-of-another = { $name } was vroeger de gebruikersnaam van { $holder } en kan nog een alias van dat account zijn: verwijder die alias in Microsoft 365, anders krijgt deze persoon de naam niet.
usernames-warning-somebody = iemand anders
usernames-warning-domain-stays = { $domain } blijft voortaan, ook na een verhuis naar een andere vestiging. Laat het domein weg om het de vestiging te laten volgen.
usernames-warning-was-released-as = Deze persoon was al vrijgegeven als { $name }.
usernames-held-users-removed = Er zouden veel gebruikers verdwijnen
usernames-held-classes-removed = Er zouden veel klassen verdwijnen
usernames-held-fewer-memberships = Er zouden veel minder leden van klassen zijn
usernames-held-usernames-changed = Er zouden veel gebruikersnamen veranderen
usernames-held-names-lost = Er zouden veel namen wegvallen
usernames-held-names-changed = Er zouden veel namen veranderen
usernames-held-pupils-moved = Er zouden veel leerlingen van klas veranderen
usernames-held-classes-retitled = Er zouden veel klassen een andere titel krijgen
usernames-held-counted = { $what }: van { $before } blijven er { $after }.
usernames-held-counted-at = { $what } ({ $org }): van { $before } blijven er { $after }.
usernames-bulk-on = { $count ->
    [0] Niemand wordt vrijgegeven.
    [one] Eén persoon wordt vrijgegeven.
   *[other] { $count } personen worden vrijgegeven.
    }
usernames-bulk-off = { $count ->
    [0] Van niemand gaat Sync uit.
    [one] Van één persoon gaat Sync uit.
   *[other] Van { $count } personen gaat Sync uit.
    }
usernames-bulk-unchanged = { $count ->
    [one] Eén persoon staat al zo.
   *[other] { $count } personen staan al zo.
    }
usernames-bulk-accounts-made = { $count ->
    [one] Microsoft maakt één nieuw account.
   *[other] Microsoft maakt { $count } nieuwe accounts.
    }
usernames-bulk-leave-teams = { $count ->
    [one] Eén persoon verdwijnt uit
   *[other] { $count } personen verdwijnen uit
    } { $teams ->
    [one] één Team.
   *[other] { $teams } Teams.
    }
usernames-bulk-passed-over = { $count ->
    [one] Eén persoon wordt overgeslagen.
   *[other] { $count } personen worden overgeslagen.
    }
usernames-bulk-will-be-held = Dit is zo'n grote wijziging dat ze tegengehouden wordt, tot een operator ze doorlaat.
usernames-bulk-is-held = Wijzigingen worden op dit ogenblik tegengehouden: Microsoft ziet ook deze pas als ze doorgelaten zijn.
usernames-bulk-changed = De selectie is ondertussen veranderd: { $added } erbij, { $removed } weg, { $switched } anders. Kijk na wat er nu zou gebeuren.
usernames-bulk-too-many = Dat zijn te veel personen om op te noemen: kies ze met een filter.
usernames-bulk-busy = Er verandert op dit ogenblik van alles. Er is niets gewijzigd; probeer opnieuw.
usernames-undo-undone = { $count ->
    [one] Eén persoon staat weer zoals voordien.
   *[other] { $count } personen staan weer zoals voordien.
    }
usernames-undo-refused = { $count ->
    [one] Bij één persoon kwam er iets tussen: daar is niets gewijzigd.
   *[other] Bij { $count } personen kwam er iets tussen: daar is niets gewijzigd.
    }
usernames-undo-read-on = { $count ->
    [one] Van één persoon had Microsoft al gelezen dat die vrijgegeven was.
   *[other] Van { $count } personen had Microsoft al gelezen dat ze vrijgegeven waren.
    }
usernames-undo-read-off = { $count ->
    [one] Van één persoon had Microsoft al gelezen dat Sync uit stond.
   *[other] Van { $count } personen had Microsoft al gelezen dat Sync uit stond.
    }
usernames-undo-between = Gewijzigd door { $by } op { $at }.
usernames-print-title = Gebruikersnamen per klas
usernames-print-nobody = Geen leerling voldoet.
usernames-cell-on = ja
usernames-cell-off = nee
usernames-history-system = het systeem
usernames-history-created = Gebruikersnaam { $to } gemaakt door { $by }.
usernames-history-name = Gebruikersnaam van { $from } naar { $to }, door { $by }.
usernames-history-domain = Domein { $to } gekozen door { $by }.
usernames-history-domain-left-off = Domein { $from } weggelaten door { $by }: het volgt weer de vestiging.
usernames-history-sync-on = Vrijgegeven (Sync aan) door { $by }.
usernames-history-sync-off = Sync uitgezet door { $by }.
usernames-history-handed-to = Gebruikersnaam doorgegeven aan { $other }, door { $by }.
usernames-history-handed-from = Gebruikersnaam overgenomen van { $other }, door { $by }.
usernames-history-waits = Wacht op een antwoord ({ $by }).
usernames-history-answered = Nagekeken door { $by }: wacht niet meer.
usernames-history-review = Na te kijken ({ $by }).
usernames-history-reviewed = Nagekeken door { $by }.
usernames-history-other = Gewijzigd door { $by }.
usernames-history-with-reason = { $said } Reden: { $reason }
usernames-refused-preferences = Dat is te veel om te bewaren.
