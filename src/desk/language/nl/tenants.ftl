tenants-title = Alle scholen
tenants-count = { $count ->
    [one] 1 scholengroep
   *[other] { $count } scholengroepen
  }
tenants-search = Zoek op naam of id
tenants-search-button = Zoeken
tenants-none = Geen scholengroep gevonden
tenants-none-help = Zoek op een ander deel van de naam, of maak een scholengroep met het commando “oneroster tenant apply”.
tenants-name = Scholengroep
tenants-state = Toestand
tenants-school-year = Schooljaar
tenants-import = Laatst ingelezen
tenants-publication = Laatst gepubliceerd
tenants-pull = Laatst gelezen
tenants-unserved = Nog nooit doorgegeven namen
tenants-next-change = Volgende wijziging
tenants-never = nog nooit
tenants-fine = in orde
tenants-held = tegengehouden sinds { $since }
tenants-failing = publiceren lukt niet sinds { $since }
tenants-silent = niet meer gelezen sinds { $since }
tenants-broken-off = laatste lezing afgebroken
tenants-pages = Pagina's
tenants-earlier = Vorige
tenants-later = Volgende
