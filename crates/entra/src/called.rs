//! What people are called whose register has another given name: a short list for Flanders. Shortened forms (`Alex` for
//! `Alexander`) need no entry, they are recognised by their letters.

/// Names that are used for each other, a group a line.
const GROUPS: &[&str] = &[
    "johannes jan hans joannes johan jean jo",
    "johanna jo joke janneke hanne anna",
    "josephus jozef joseph jef joz jos sef",
    "josephina josephine josefien fien jos josee fientje",
    "franciscus frans francis cis frank sus",
    "francisca cis francine frans sisca ciska",
    "petrus pieter peter piet pierre",
    "jacobus jacob jaak jacques koos cois jakke",
    "guillielmus guillaume willem wim willy gie william",
    "wilhelmina mina mien wilma willy",
    "henricus hendrik rik henk henri harry",
    "hendrika rika riet henriette jetje",
    "antonius antoon toon ton anton tony antoine teun",
    "antonia tonia toni antoinette nette netje",
    "cornelius cornelis kees nelis cor neel",
    "cornelia nele nelly cor corrie neeltje",
    "ludovicus lodewijk louis lode luk luc lowie wies",
    "ludovica louisa louise wiske lode loes",
    "leonardus leonard leo len nard",
    "gerardus gerard geert gert gerrit",
    "gertrudis gertrude truus trui geertrui trudy geertje",
    "theodorus theodoor theo dorus door",
    "dorothea thea dora dorothee doortje",
    "bartholomeus bart bartel",
    "matthaeus mattheus matthias matthijs mathijs thijs ties matteo",
    "nicolaas nicolas klaas nico niels claus",
    "christiaan christian chris kris christophe kristof",
    "christina christine kristien kristin tine stien tina chris krista christel",
    "benedictus benoit ben bennie",
    "daniel daan dany danny",
    "dominicus dominique domien dominiek nikki",
    "emmanuel emanuel manu manuel",
    "michael michiel mike michel giel chiel misha",
    "sebastianus sebastiaan bas bastiaan",
    "fredericus frederik freek fred rik frederic",
    "ferdinandus ferdinand ferre nand fernand",
    "gustavus gustaaf staf gust guust gustave",
    "augustinus august gust guust stijn",
    "constantinus constantijn constant stan stijn",
    "stanislaus stanislas stan staszek",
    "adrianus adriaan arjan ad adri janus aad",
    "hubertus hubert bert huub bertus",
    "lambertus lambert bert lamme",
    "albertus albert bert berten ab",
    "robertus robert rob bob bert robbe robby",
    "norbertus norbert nor bert",
    "aegidius egidius gillis gilles egied",
    "rudolphus rudolf rudi ruud rolf",
    "alphonsus alfons fons alphonse fonne",
    "carolus karel charles carl",
    "carolina carolien lien karolien lina line",
    "charlotte lotte lot charlie lotje",
    "elisabeth elizabeth els lies liesbeth lisa elise betty lise ella bep elly liesje lieselot isabel babette",
    "catharina katharina katrien trien karin katelijne kaat kathleen kato karen ine trijn rina",
    "maria mia mieke marie ria marijke rita mimi miet maaike mieken marieke",
    "margaretha margareta greet griet margriet marga greta gitte margot rita grietje",
    "magdalena leen lena madeleine magda malou lenie",
    "helena leen helene lena heleen leni ellen",
    "angelina lien angela lina ange",
    "annemarie anne an annie mieke",
    "anna an anneke annie anja ann anouk anke",
    "isabella isabelle isa bella belle",
    "cecilia cecile silke cilia celia",
    "eleonora nora leonie noor ellen leonoor",
    "philippus filip philip flip phil",
    "olivia liv livia olie",
    "samuel sam sammy",
    "thomas tom tommy thom tomas",
    "stephanus stefaan stefan stef steven stephan steve",
    "stefanie stephanie fanny steffi stef",
    "martinus maarten martin tinus mart",
    "martina tine martine tinne",
    "victoria vicky vic toria",
    "victor vic viktor",
    "veronica veronique vera vero nika",
    "patricia patsy patty tricia trish",
    "alexander alex sander xander lex sacha sasha sas",
    "alexandra sandra alexa sacha sasha xandra",
    "aleksandra ola sandra",
    "alida aleida adelheid heidi aaltje",
    "laurentius laurens lau rens laurent",
    "arnoldus arnold nol arnout aernout",
    "rosalia rosalie roos rosa lia",
    "joachim jochem achim chim",
    "yvonne vonneke ivonne",
    "jennifer jenny jen",
    "joshua josh jos",
    "zachary zach zak zack",
    "mohamed mohammed muhammad mohammad mo moha med simo",
    "abdelkarim karim abdelkrim",
    "abdellah abdullah abdel abdou",
    "youssef yusuf yousef joseph jo",
    "katarzyna kasia",
    "malgorzata gosia",
    "jakub kuba jacob",
    "joao john",
    "yekaterina ekaterina katya katia katja",
    "dmitri dmitriy dimitri dima",
];

/// The groups by name.
pub(crate) struct Called {
    groups: std::collections::HashMap<&'static str, Vec<usize>>,
}

impl Called {
    pub(crate) fn new() -> Self {
        let mut groups: std::collections::HashMap<&'static str, Vec<usize>> =
            std::collections::HashMap::new();
        for (group, names) in GROUPS.iter().enumerate() {
            for name in names.split(' ') {
                groups.entry(name).or_default().push(group);
            }
        }
        Self { groups }
    }

    /// Returns `true` if two names, in letters, stand in one group.
    pub(crate) fn is_one_name(&self, one: &str, other: &str) -> bool {
        let (Some(one), Some(other)) = (self.groups.get(one), self.groups.get(other)) else {
            return false;
        };
        one.iter().any(|group| other.contains(group))
    }
}
