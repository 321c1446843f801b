letter-over = Dit is niet langer zo. Je hoeft niets meer te doen.
letter-over-subject = Opgelost: { $subject }
letter-end = Dit bericht van { $name } werd automatisch verstuurd. Overzicht en uitleg: { $address }
letter-held-subject = Een publicatie wordt tegengehouden
letter-held-body =
    De laatste gegevens uit Informat zouden te veel tegelijk veranderen, en worden daarom nog niet doorgestuurd naar Microsoft 365. Wat er nu staat, blijft staan.
    Kijk in het overzicht wat er zou veranderen, en verbeter het in Informat of geef het vrij.
letter-names-waiting-subject = { $count ->
        [one] Eén gebruikersnaam wacht op nazicht
       *[other] { $count } gebruikersnamen wachten op nazicht
    }
letter-names-waiting-body = Wie op een antwoord wacht, krijgt nog geen account in Microsoft 365. De andere namen zijn al in gebruik: kijk of ze juist zijn. Je vindt ze op de pagina Gebruikersnamen.
letter-findings-subject = { $count ->
        [one] Eén gegeven zou door Microsoft geweigerd worden
       *[other] { $count } gegevens zouden door Microsoft geweigerd worden
    }
letter-findings-body = Verbeter ze in Informat. In het overzicht staat welke het zijn en wat je doet.
letter-flow-ends-subject = De synchronisatie met Microsoft loopt af
letter-flow-ends-body =
    In School Data Sync heeft de synchronisatie een einddatum, 30 juni. Daarna verandert er niets meer in Microsoft 365.
    Leg in augustus, voor het nieuwe schooljaar, een nieuwe synchronisatie aan of verleng deze.
letter-next-year-subject = Het nieuwe schooljaar staat nog niet klaar
letter-next-year-body =
    Het actieve schooljaar is nog het vorige. Wat je nu doet: de klassen en inschrijvingen van het nieuwe schooljaar in Informat nakijken,
    de nieuwe gebruikersnamen nakijken, en de beheerder vragen om het nieuwe schooljaar te activeren. Zet daarna in School Data Sync de einddatum op 30 juni.
