settings-title = Instellingen
settings-lead = De instellingen van deze scholengroep. Voor je iets toepast, zie je wat er verandert.
settings-group = Scholengroep
settings-name = Naam
settings-contact = Contact (Informat-login)
settings-entra = Microsoft Entra-tenant
settings-year = Actief schooljaar
settings-year-hint = verandert alleen door het nieuwe schooljaar te activeren
settings-revision = Revisie
settings-usernames = Gebruikersnamen
settings-username-format = Formaat van gebruikersnamen
settings-username-format-hint = Bijvoorbeeld {"{"}voornaam{"}"}.{"{"}familienaam{"}"} of {"{"}voornaam:1{"}"}{"{"}familienaam{"}"}. Geldt alleen voor nieuwe namen.
settings-max-length = Hoogstens zoveel tekens
settings-max-length-hint = 8 tot 75; Microsoft neemt er 64.
settings-mode-pupils = Domein van leerlingen
settings-mode-staff = Domein van personeel
settings-mode-microsoft = Microsoft voegt het toe
settings-mode-informat = wij sturen het mee
settings-extra-domains = Extra domeinen
settings-extra-domains-hint = Een per regel.
settings-teams = Teams
settings-team-format = Formaat van teamnamen
settings-team-format-hint = Bijvoorbeeld {"{"}schoolyear{"}"} {"{"}klas{"}"} - {"{"}vestiging{"}"}.
settings-who = Wie en wanneer
settings-future = Toekomstige leerlingen
settings-future-exclude = vanaf hun eerste dag
settings-future-include = meteen
settings-grace = Dagen uitloop voor personeel
settings-grace-hint = Zo lang telt een opdracht nog mee na haar einde: 0 tot 366.
settings-brake = Tegenhouden boven (%)
settings-brake-hint = Een publicatie die een groter deel wegneemt of hernoemt, wordt tegengehouden: 1 tot 100.
settings-school = Instelling
settings-teacher-domain = Domein van het personeel
settings-pupil-domain = Domein van de leerlingen
settings-site-sync = Koppeling actief
settings-site-sync-default = Nieuwe namen meteen vrijgeven
settings-names-caption = Nieuwe namen zouden er zo uitzien
settings-person = Persoon
settings-has = Heeft nu
settings-would-have = Zou krijgen
settings-doubtful = na te kijken
settings-titles-caption = Teams zouden zo heten
settings-title-now = Nu
settings-title-then = Dan
settings-changed = Er zijn wijzigingen die nog niet toegepast zijn.
settings-unchanged = Niets gewijzigd.
settings-undo = Wijzigingen weg
settings-look = Bekijk de gevolgen
settings-preview-title = Wat er verandert
settings-effects = Gevolgen
settings-no-effects = Dit verandert niets aan wat Microsoft leest.
settings-difference = Gewijzigde instellingen
settings-will-be-held = De volgende publicatie wordt tegengehouden tot iemand ze doorlaat:
settings-apply = Toepassen
settings-applied = Toegepast.
settings-error-invalid = Deze instellingen kunnen niet bewaard worden.
settings-error-changed = Iemand wijzigde de instellingen intussen. Laad de pagina opnieuw en breng je wijziging daar aan. Dit zou je bewaren:
settings-error-org-ids = De vorm van de id's van scholen kan na de eerste publicatie niet meer veranderen.
settings-error-school-year = Het schooljaar verandert alleen door het nieuwe schooljaar te activeren.
settings-effect-new-names = { $count ->
    [one] Het formaat en de lengte gelden voor nieuwe namen: de ene bestaande naam blijft.
   *[other] Het formaat en de lengte gelden voor nieuwe namen: de { $count } bestaande namen blijven.
  }
settings-effect-sync-default = { $count ->
    [one] “Meteen vrijgeven” geldt voor nieuwe namen: de ene bestaande naam blijft zoals hij is.
   *[other] “Meteen vrijgeven” geldt voor nieuwe namen: de { $count } bestaande namen blijven zoals ze zijn.
  }
settings-effect-domain-gone = Het domein { $domain } is niet meer van de groep. Wie het heeft, houdt het; niemand kan het nog krijgen.
settings-effect-entra = In een andere Entra-tenant is elk account een nieuw account.
settings-effect-brake = Tegenhouden gebeurt vanaf nu boven { $after } % in plaats van { $before } %, ook voor deze wijziging.
settings-effect-created = { $count ->
    [one] Er wordt 1 gebruikersnaam gemaakt.
   *[other] Er worden { $count } gebruikersnamen gemaakt.
  }
settings-effect-domains-set = { $count ->
    [one] 1 personeelslid krijgt een domein, voorgoed.
   *[other] { $count } personeelsleden krijgen een domein, voorgoed.
  }
settings-effect-renamed = { $count ->
    [one] 1 persoon krijgt een andere gebruikersnaam: het account wordt hernoemd.
   *[other] { $count } personen krijgen een andere gebruikersnaam: hun accounts worden hernoemd.
  }
settings-effect-addresses = { $count ->
    [one] 1 persoon krijgt een ander adres, voor programma's die het krijgen.
   *[other] { $count } personen krijgen een ander adres, voor programma's die het krijgen.
  }
settings-effect-retitled = { $count ->
    [one] 1 klas en haar Team krijgen een andere naam.
   *[other] { $count } klassen en hun Teams krijgen een andere naam.
  }
settings-effect-users-go = { $count ->
    [one] 1 persoon wordt niet meer doorgegeven: het account blijft, maar verlaat zijn groepen.
   *[other] { $count } personen worden niet meer doorgegeven: hun accounts blijven, maar verlaten hun groepen.
  }
settings-effect-users-come = { $count ->
    [one] 1 persoon komt erbij.
   *[other] { $count } personen komen erbij.
  }
settings-effect-classes-go = { $count ->
    [one] 1 klas wordt niet meer doorgegeven.
   *[other] { $count } klassen worden niet meer doorgegeven.
  }
settings-effect-classes-come = { $count ->
    [one] 1 klas komt erbij.
   *[other] { $count } klassen komen erbij.
  }
settings-effect-memberships-go = { $count ->
    [one] 1 lidmaatschap van een klas verdwijnt.
   *[other] { $count } lidmaatschappen van klassen verdwijnen.
  }
settings-effect-memberships-come = { $count ->
    [one] 1 lidmaatschap van een klas komt erbij.
   *[other] { $count } lidmaatschappen van klassen komen erbij.
  }
settings-effect-orgs-go = Niet meer doorgegeven: { $names }.
settings-effect-orgs-come = Nieuw doorgegeven: { $names }.
settings-effect-lifts-hold = Wat nu tegengehouden wordt, gaat dan door zonder dat iemand het doorlaat.
settings-format-brace = De accolade op teken { $position } heeft geen tegenhanger.
settings-format-username-placeholder = {"{"}{ $word }{"}"} op teken { $position } is geen invulveld. Gebruik {"{"}voornaam{"}"}, {"{"}familienaam{"}"}, of {"{"}voornaam:1{"}"} voor de eerste letter.
settings-format-team-placeholder = {"{"}{ $word }{"}"} op teken { $position } is geen invulveld. Gebruik {"{"}klas{"}"}, {"{"}klascode{"}"}, {"{"}vestiging{"}"}, {"{"}vestcode{"}"}, {"{"}schoolcode{"}"}, {"{"}schoolyear{"}"} of {"{"}startyear{"}"}.
settings-format-character = “{ $character }” op teken { $position } kan niet: alleen . _ en - mogen tussen de velden staan.
settings-format-control = Het teken op plaats { $position } is een stuurteken.
settings-format-no-name = Er moet {"{"}voornaam{"}"} of {"{"}familienaam{"}"} in staan.
settings-format-no-class = Er moet {"{"}klas{"}"} of {"{"}klascode{"}"} in staan.
