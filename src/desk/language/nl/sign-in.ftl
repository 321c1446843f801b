sign-in-title = Aanmelden
sign-in-name = Gebruikersnaam
sign-in-password = Wachtwoord
sign-in-submit = Aanmelden
sign-in-openid = Aanmelden met je schoolaccount
sign-in-failed = De gebruikersnaam of het wachtwoord klopt niet. Kijk ze na en probeer opnieuw.
sign-in-wait = { $seconds ->
    [one] Er is te vaak geprobeerd. Wacht één seconde en probeer dan opnieuw.
   *[other] Er is te vaak geprobeerd. Wacht { $seconds } seconden en probeer dan opnieuw.
  }
sign-in-plain-loopback = Je bent verbonden zonder HTTPS, op deze computer zelf. Dat is goed om te proberen, niet om mee te werken.
sign-in-plain-elsewhere = Aanmelden kan alleen via HTTPS. Vraag je beheerder naar het juiste adres.
sign-in-other-language = English
