product = Gebruikersnamen MS365
skip-to-content = Naar de inhoud
menu = Menu
needs-javascript = Deze pagina heeft JavaScript nodig. Zet JavaScript aan in je browser en laad de pagina opnieuw.
landing-title = OneRoster voor Informat
landing-desk = Gebruikersnamen nakijken en vrijgeven
landing-docs = Documentatie van de API
