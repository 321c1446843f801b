"""Names of generated people for `matching.py`. Shares no list with the program that is measured."""

# Given names by origin.
GIVEN = {
    "flemish": """Jan Piet Lotte Emma Wout Lars Noor Fien Jef Bram Seppe Ruben Joren Kobe Tuur Stan Lien Hanne Elke Sofie Ilse Karel
        Wim Geert Bart Kris Luk Rudi Dirk Johan Annelies Veerle Griet Leen Tine Nele Sarah Amber Febe Yana Robbe Senne Jelle Arne
        Milan Finn Mats Vic Lowie Cas Matteo Lore Marie Juliette Louise Ella Nora Mona Elise Helena Oona Liv Roos Axelle Briek Staf
        Warre Thibo Jarne Niels Sander Wannes Gust Korneel Ewout Joachim Pieter Simon Tobias Yentl Zita Merel Paulien Hilde Sabine
        Inge Katrien Marleen Ria Godelieve Marc Guy Ivo Hugo Erik Stijn Koen Peter Steven Tom Maarten Thomas Jonas Jasper Lander""".split(),
    "french": "Jean Antoine Louis Hugues Chantal Odette Manon Camille Margaux Benoit Xavier Thierry Sylvie Laurence Pascale Aurore".split(),
    "moroccan": """Mohamed Ayoub Bilal Yassine Imane Salma Nour Zakaria Hamza Rayan Amina Khadija Fatima Hafsa Younes Ilias Anas
        Soufiane Nadia Samira Houda Ibrahim Ismail Sara Yousra Meryem Omar Adam Walid""".split(),
    "turkish": "Emre Elif Yusuf Zeynep Mehmet Ayse Hatice Kaan Deniz Ecrin Azra Berat Furkan Melis Sude Can Ali Esra".split(),
    "polish": "Kacper Zofia Jakub Oliwia Wiktor Maja Szymon Hanna Agnieszka Piotr Dominik Natalia".split(),
    "romanian": "Andrei Ioana Mihai Elena Alexandru Denisa Radu Bianca Florin Larisa".split(),
    "african": "Fatou Mamadou Grace Emmanuel Blessing Prince Aminata Ousmane Esther Divine Kofi Abena".split(),
    "asian": "Minh Linh Wei Xin Arjun Priya Rahul Tenzin Pema Dolma Aarav Ngoc".split(),
}

# Given names as a register may have them, and what they are called at school.
CALLED = """Alexander:Alex Alexander:Xander Alexander:Sander Alexandra:Sandra Evelien:Evy Evelien:Eef Elisabeth:Liesbeth Elisabeth:Els
    Elisabeth:Lies Elisabeth:Lisa Johannes:Jan Johannes:Hans Johanna:Jo Johanna:Anneke Jozef:Jef Jozef:Sefke Josephina:Fien Josephine:Jos
    Franciscus:Frans Franciscus:Cis Francisca:Cisca Franciscus:Sus Catharina:Katrien Catharina:Trien Catharina:Karin Katelijne:Lijne
    Maria:Mia Maria:Mieke Maria:Ria Margaretha:Greet Margaretha:Griet Margaretha:Margriet Magdalena:Leen Magdalena:Lena Helena:Leen
    Petrus:Peter Petrus:Piet Petrus:Pol Pieter:Piet Jacobus:Jacob Jacobus:Koos Jacob:Jaak Guillaume:Willem Willem:Wim Wilhelmus:Willy
    Wilhelmina:Mien Hendrik:Rik Hendrik:Henk Hendrika:Rika Antonius:Toon Antoon:Ton Antonia:Toni Antoine:Tony Cornelis:Kees Cornelis:Nelis
    Cornelia:Nele Ludovicus:Luk Ludovicus:Lode Lodewijk:Lowie Louis:Lowie Leonardus:Leo Leonard:Nardo Gerardus:Geert Gerard:Gert
    Gertrudis:Trudi Gertruda:Truus Theodoor:Theo Theodorus:Door Dorothea:Thea Dorothea:Doortje Bartholomeus:Bart Mattheus:Mathijs
    Mattheus:Matteo Matthias:Matti Nicolaas:Nico Nicolaas:Klaas Nicolas:Nico Christiaan:Chris Christiaan:Kris Christina:Stien Christine:Krista
    Kristof:Kris Christophe:Tof Benjamin:Ben Benedictus:Ben Benjamin:Benny Daniel:Daan Daniel:Danny Dominique:Dom Dominicus:Domien
    Emanuel:Manu Emmanuel:Manu Michael:Mike Michiel:Chiel Michel:Mich Maximiliaan:Max Maximilien:Max Sebastiaan:Bas Sebastien:Seb
    Frederik:Fre Frederik:Frederic Frederik:Rik Frederique:Fred Ferdinand:Ferre Ferdinand:Nand Gustaaf:Staf Gustaaf:Gust Augustinus:Guust
    Constantijn:Stan Constant:Stan Stanislas:Stan Adrianus:Ad Adriaan:Arjan Adriana:Jana Hubertus:Bert Albert:Bert Robert:Rob Robert:Bob
    Lambertus:Bert Gilbert:Bert Egidius:Gilles Aegidius:Gillis Rudolf:Rudi Rudolf:Ruud Rodolphe:Dolf Adolf:Dolf Patricia:Patsy Patrick:Pat
    Victoria:Vicky Victor:Vic Veronique:Vero Veronica:Vera Valentina:Tina Martina:Tine Martinus:Tinne Martinus:Maarten Ernestina:Tina
    Angelina:Lina Carolina:Lien Caroline:Caro Charlotte:Lotte Charlotte:Charlie Charles:Karel Karolien:Lien Karolina:Carolien
    Annemarie:An Annemie:An Anna:Anneke Anna:An Antoinette:Nettie Isabella:Bella Isabel:Bel Isabelle:Isa Gabriella:Gaby Gabriel:Gab
    Rafaela:Ela Emilia:Mila Amelia:Lia Cecilia:Cilia Cecile:Sil Eleonora:Nora Eleonora:Leonie Honorine:Nora Felicitas:Fee Felix:Lix
    Philippe:Flip Filip:Flip Philippus:Filip Olivier:Oli Olivia:Liv Samuel:Sam Samantha:Sam Salomon:Sal Tobias:Tobi Timotheus:Tim
    Thomas:Tom Stephanie:Stef Stefaan:Stef Steven:Steef Stefanie:Fanny Natalie:Nat Nathanael:Nathan Zacharias:Zach Yannick:Yan
    Mohamed:Momo Mohammed:Mo Abdelkader:Kader Abderrahim:Rahim Abdellah:Abdel Fatima-Zahra:Fatima Mustafa:Mus Zeynep:Zey Yusuf:Jo
    Grzegorz:Greg Katarzyna:Kasia Malgorzata:Gosia Aleksandra:Ola Jakub:Kuba Ekaterina:Katia Dmitri:Dima Alexandru:Alex Gheorghe:George
    Nguyen:Win Xiaoming:Ming Emmanuelle:Manu Jean-Baptiste:JB Marie-Claire:Klaartje Anne-Sophie:Fie Pieter-Jan:PJ Pieter-Jan:Pitje
    Kimberly:Kim Jennifer:Jenny Jennifer:Jen Joshua:Josh Jonathan:Jon Zachary:Zack Gianluca:Luca Giovanni:Gio Leonardo:Leo""".split()

FAMILY = {
    "flemish": """Peeters Janssens Maes Jacobs Mertens Willems Claes Goossens Wouters Dubois Lambert Martens Smets Michiels Aerts
        Hermans Pauwels Hendrickx Stevens Cools Segers Verhoeven Bogaerts Baert Coppens Thys Geerts Lemmens Wuyts Verlinden Poppe Swings
        Meylemans Ameel Vermeulen Verbeke Desmet Dewulf Vandamme Vanhoutte Lievens Deprez Callens Demeyer Bossuyt Vercruysse Huyghe
        Ghekiere Roelandts Daems Somers Nijs Bleys Ceulemans Ooms Vranckx Raskin Nelissen Gielen Kenis Geuens Schepers Moons Bax
        Cuypers Torfs Brans Sleeckx Wijnants Buyse Moerman Vlaeminck Naessens Temmerman Roosens Haegeman Blommaert Schelstraete""".split(),
    "particle": """Van_den_Broeck De_Smet Van_Damme D'Hondt De_Clercq Van_de_Velde Vanden_Berghe Van_der_Auwera De_Bruyne Van_Hoof
        't_Jolle Van_'t_Hof Ter_Meulen Van_den_Eynde De_la_Rue Du_Bois Van_Acker De_Wilde Van_Laere De_Cock Van_Herck D'hoker
        Op_de_Beeck Van_Cauwenberghe Van_Poucke Le_Clercq De_Backer Van_Impe Ver_Eecke Van_Belle""".split(),
    "double": """Peeters-Claes Maes-De_Smet Janssens-Wouters Dubois-Lambert Cools_Segers Aerts-Van_Hoof Claessens-Mertens Pauwels_Baert
        Garcia_Lopez Fernandez-Ruiz Silva_Santos Martinez_Vidal Stevens-Thys Ooms-Daems Gielen-Bax""".split(),
    "moroccan": """El_Amrani Ben_Ali Bouazza El_Idrissi Benali Ait_Haddou Chakir El_Khattabi Aziz Bensaid Ouali Haddadi Belkacem
        Zerouali El_Mansouri Bouchikhi Amrani Tahiri Saidi""".split(),
    "turkish": "Yilmaz Kaya Demir Aydin Arslan Dogan Kilic Aslan Koc Kurt Polat Erdogan".split(),
    "polish": "Kowalski Nowak Wojcik Kaminska Lewandowski Mazur Zielinski Dabrowska".split(),
    "romanian": "Popescu Ionescu Dumitru Stan Marin Radu Munteanu".split(),
    "african": "Diallo Mbeki N'Diaye Okafor Mensah Kabongo Ilunga Traore Adjei Boateng".split(),
    "asian": "Nguyen Tran Chen Wang Sharma Gurung Sherpa Pham Singh".split(),
}
FAMILY["french"] = FAMILY["flemish"] + ["Lefevre", "Moreau", "Fontaine", "Legrand"]

# A country has more family names than a list here: most are made of the parts that Flemish ones are made of.
STEMS = """Aal Aarts Baes Beer Berg Bil Bloem Boom Bos Brand Broek Bruyn Buys Camp Cal Daal Damm Dries Eeck Elsen Eyck Gaver Geel Gent Haag
    Haver Heer Helst Hoeck Holle Horst Huls Kaer Kerk Kley Knap Laer Leyn Linde Loon Maele Meer Mol Moor Neer Nuffel Oost Oyen Poel Put Ranst
    Reeth Rijck Roey Rompaey Schoor Slag Spey Steen Straet Tongel Uyt Veken Vliet Voor Wael Walle Weert Wiele Wouw Zande Zeel""".split()
ENDINGS = ["", "s", "ens", "aert", "mans", "man", "ers", "inckx", "hout", "beke", "becq", "voort", "ghem", "donck"]
MADE = sorted({(before + stem.lower()).title() + ending for stem in STEMS for ending in ENDINGS for before in ["", "Ver", "Van"] if before or ending})

# Names with letters outside ASCII, and how accounts spell them.
ACCENTED_GIVEN = """Zoë:Zoe Chloë:Chloe Noë:Noe Raphaël:Raphael André:Andre Céline:Celine Hélène:Helene François:Francois Loïc:Loic
    Anaïs:Anais Jürgen:Juergen Jürgen:Jurgen Søren:Soren Søren:Soeren Çağla:Cagla Gülşen:Gulsen Łukasz:Lukasz Ștefan:Stefan Đorđe:Djordje
    Đorđe:Dorde José:Jose Inês:Ines Björn:Bjorn Björn:Bjoern Åsa:Asa Åsa:Aasa Maëlle:Maelle Eloïse:Eloise İrem:Irem Jörg:Joerg Andreï:Andrei
    Юлия:Yulia Мария:Maria Иван:Ivan Дмитрий:Dmitriy Γιώργος:Giorgos""".split()
ACCENTED_FAMILY = """Müller:Mueller Müller:Muller Lefèvre:Lefevre Núñez:Nunez Öztürk:Ozturk Yıldız:Yildiz Wiśniewski:Wisniewski
    Gonçalves:Goncalves Țîrlea:Tirlea Đukić:Djukic Đukić:Dukic Kjær:Kjaer Groß:Gross Groß:Grosz Schröder:Schroeder Schröder:Schroder
    Bråten:Braten Bråten:Braaten Dvořák:Dvorak Hernández:Hernandez Bérénger:Berenger Šimić:Simic Güneş:Gunes Ĳzerman:Ijzerman
    IJsseldijk:Ysseldijk Ångström:Angstrom Петров:Petrov Иванов:Ivanov Ковальчук:Kovalchuk Παπαδόπουλος:Papadopoulos""".split()

SEVERAL_GIVEN = ["Marie Louise", "Jean-Baptiste", "Anne-Sophie", "Mohamed-Amine", "Pieter-Jan", "Jan Willem", "Lisa Marie", "Anna Maria"]
