"""Names, streets, schools and people of the borough, from which its families are put together. All of it made up."""

from __future__ import annotations

from functools import cache

# Given names of girls and of boys, and family names: of each group, so that the names of a family go together.
GROUPS: tuple[tuple[str, str, str], ...] = (
    (
        "Abigail Alice Amber Beth Caitlin Daisy Eliza Ellie Esme Evie Georgia Gracie Holly Imogen Jasmine Keira "
        "Lacey Leah Libby Lola Maisie Megan Mia Millie Poppy Rosie Ruby Scarlett Skye Summer Tegan Willow",
        "Aaron Alfie Archie Bailey Billy Callum Charlie Connor Declan Ethan Finlay Freddie Harley Harry Jack Jake "
        "Jamie Jay Kyle Leo Liam Lewis Logan Luke Mason Nathan Reece Riley Ryan Taylor Toby Tyler",
        "Aldous Ambridge Arkley Ashbourne Atwell Balcombe Barling Beckley Birdsall Blaxland Bramwell Brindley Burcot "
        "Carding Chalker Chivers Coppin Cranmore Cutbush Dallimore Denford Dinsdale Dorling Eastop Elmhirst Fallow "
        "Farnell Fenner Garland Gilbey Godwin Greave Hadlow Hartnoll Haslam Hembry Hockley Ingrey Jessop Kember "
        "Kirkby Lambourn Larter Leeming Lockyer Maddock Marchant Medlar Milner Nettle Norwood Oakden Orchard Padgett "
        "Pascoe Pennick Purdey Quaife Rainer Redfern Rowsell Sallow Selwood Shore Skelton Spindler Stannard Sumpter "
        "Tadman Tilling Tranter Upwood Varley Wadlow Warrick Whitlam Winter Wragg Yardley",
    ),
    (
        "Abena Adaeze Amara Ayomide Bisi Chidinma Ebele Efua Esi Folake Ifeoma Kemi Lola Ngozi Nkechi Ola Simi Tola "
        "Yewande Zainab",
        "Ade Akin Bayo Chidi Chike Dayo Emeka Femi Ike Jide Kofi Kola Kwame Kweku Obi Segun Seyi Tobi Tunde Wale",
        "Abiodun Adeleke Adomako Afolabi Akande Ansah Asante-Lowe Ayodele Balogun Boadu Danso Ekwueme Essien Fashola "
        "Ibekwe Igwe Kalu Lawal Mensah-Cole Nnadi Nwosu Obeng Odukoya Ofori Ogunlade Okeke Olaniyan Onuoha Osagie "
        "Owusu Quansah Sarpong Soyinka-Hart Uche Umeh",
    ),
    (
        "Ayla Aylin Berfin Beste Ceren Defne Derya Dilan Ebru Elif Esra Hazal Ipek Leyla Melis Nehir Rojin Selin "
        "Sibel Zeynep",
        "Arda Azad Baran Berk Can Deniz Efe Emre Enes Eren Firat Kaan Kerem Mert Onur Ozan Serhat Umut Volkan Yigit",
        "Akbas Aksoy Altun Arslan-Dean Aydin Bozkurt Bulut Cakir Celik Coban Deveci Dogan Duman Ekinci Erdem Gunes "
        "Kaplan Karaca Kilic Koc Orak Ozkan Sahin Sari Sonmez Tekin Toprak Tunc Uslu Yavuz Yildirim",
    ),
    (
        "Agata Alicja Daria Ewa Gabriela Hania Iga Julia Kalina Lena Maja Milena Natalia Nina Oliwia Ula Wiktoria "
        "Zofia",
        "Adam Bartek Damian Dawid Filip Igor Jan Kacper Kamil Kuba Marcel Mateusz Oskar Patryk Szymon Tymon Wojtek",
        "Banas Brzoza Cieslak Dudek Gajda Gorka Jagoda Kalisz Klimek Kopec Krol Lis Malec Mazurek Nowicka-Bell "
        "Olszak Pawlik Rogal Sadowski Sikora Stec Urban Wrobel Zaremba Zych",
    ),
    (
        "Amal Asha Ayaan Deqa Fadumo Hibo Hodan Idil Ifrah Ladan Nasra Sahra Sumaya Ubah Yasmin",
        "Abdi Ahmed Bilal Daud Faisal Guled Hamza Idris Ismail Khalid Liban Mahad Nuur Sakariye Yasin",
        "Abshir Adan Awale Barre Dirie Elmi Farah Gedi Guled Hersi Jama Kahin Liban Mire Nuur Omaar Roble Samatar "
        "Shire Warsame Yusuf",
    ),
    (
        "Aisha Anika Farzana Habiba Inaya Jannat Kamila Lamia Maliha Nabila Priya Rimi Sadia Samira Tasnim Zara",
        "Ahad Arif Ayan Fahim Hasan Imran Jamil Kabir Nabil Rafi Raihan Sami Shafiq Tanvir Yasir Zayan",
        "Ahsan Alam Bashir Chaudry Choudhury-Hale Haque Hossain Islam Kazi Khatun Malik Mannan Miah Patwari Quader "
        "Rafiq Sarkar Siddiq Sultana Talukdar Uddin",
    ),
    (
        "Ana Beatriz Camila Catarina Clara Daniela Elena Ines Joana Luana Lucia Mariana Paula Raquel Sofia Valeria",
        "Andre Bruno Caio Davi Diego Diogo Hugo Joao Luis Mateo Miguel Nuno Rafael Rui Tiago Tomas",
        "Almada Amaral Barrios Bastos Cardenas Castelo Duarte-Lee Esteves Faria Fonseca Galvao Leal Lozano Macedo "
        "Medina Morais Nogueira Pardo Pinheiro Quiroga Rocha Salgado Tavares Valente Zapata",
    ),
    (
        "Aaliyah Alesha Chanel Destiny Ebony Faith Janae Jayda Kiara Makeda Monique Naomi Renee Shanice Tamara Tiana",
        "Andre Antwan Darnell Demari Isaiah Jaden Jerome Joel Kieron Levi Malachi Marlon Micah Romario Tyrell Zion",
        "Allicock Bascombe Blackett Bogle Brathwaite Campion Chambers Clarke-Dow Dacres Francis Gayle Goulbourne "
        "Hinds Jarrett Lashley Lindo Mighty Morant Nembhard Palmer Pinnock Rowe Samuda Sealy Sterling Thorpe "
        "Wynter",
    ),
)

# Whose grown-ups mostly have names of their own group too.
ABROAD = (False, True, True, True, True, True, True, False)

ADULT_WOMEN = (
    "Alison Amina Angela Anna Bola Carmen Cheryl Claire Dawn Denise Donna Elena Emma Fatma Gemma Gloria Grace Halima "
    "Hayley Ioana Jade Janet Jodie Karen Katie Kelly Kerry Leanne Lisa Lorraine Magda Maria Marsha Michelle Nadine "
    "Natasha Nicola Nicole Patience Rachel Rita Rosa Samantha Sandra Sarah Shelley Sonia Stacey Tanya Tracey Vanessa "
    "Yvonne Zoe"
)
ADULT_MEN = (
    "Adrian Alan Andrew Anthony Barry Brian Carl Chris Craig Damien Daniel Darren Dave Dean Desmond Dominic Errol "
    "Gareth Gary Glen Hakan Ian Jason John Jonathan Karl Keith Ken Kevin Lee Leroy Marcin Mark Martin Michael Neil "
    "Nigel Patrick Paul Peter Richard Robert Roy Sean Simon Stefan Stephen Steven Stuart Terry Tony Trevor Wayne"
)

# Streets, estates and the ends of their addresses.
STREETS = (
    "Alder Grange Road, Amberley Vale, Bellringer Street, Birch Kiln Lane, Blackthorn Terrace, Bricklayers Row, "
    "Canal Feeder Road, Chandler’s Rise, Chapel Furlong, Clockmaker Street, Cooperage Lane, Corn Chandler Way, "
    "Cresswater Road, Crossing Gardens, Damson Grove, Dyehouse Lane, Eldertree Avenue, Fairholm Street, Ferryman "
    "Road, Flaxfield Road, Foundry Mews, Glassworks Lane, Goldcrest Road, Granary Walk, Hawthorn Rise, Heron "
    "Mead, Hopyard Road, Ironmonger Way, Jasmine Terrace, Kestrel Street, Lammas Field Road, Larkspur Gardens, "
    "Linden Bank, Lockhouse Road, Maltings Lane, Marsh Gate Road, Meadowsweet Close, Milliner Street, Nightingale "
    "Rise, Old Reservoir Road, Orchard Bank, Osier Bed Lane, Packhorse Lane, Pavilion Gardens, Plover Street, "
    "Pollard Way, Quarrymen’s Row, Ropemaker Street, Rosebay Avenue, Rushgrove Road, Saddlemakers Row, Sandpiper "
    "Close, Shearwater Road, Signal Box Lane, Skinner’s Acre, Sparrow Hill Road, Stonecutter Street, Swallowfield "
    "Road, Tallow Lane, Teasel Close, Thatcher’s Yard, Tinker’s Green, Turnstile Lane, Vinegar Yard, Watercress "
    "Road, Waxwing Street, Weir House Road, Wharfinger Road, Wheelwright Street, Willow Holt, Woolpack Road, "
    "Yarrow Road"
)
ESTATES = (
    "Aspen House, Bittern Court, Cormorant Point, Cygnet House, Dunlin Court, Fieldfare House, Gannet Tower, "
    "Grebe Court, Kittiwake House, Lapwing Court, Merlin Point, Moorhen House, Nuthatch Court, Pochard House, "
    "Redwing Court, Siskin House, Teal Court, Wagtail House, Wigeon Point, Yellowhammer Court"
)
POSTCODES = {"HGY": ("N4", "N8", "N11", "N15", "N17", "N22"), "ENF": ("N9", "N18", "N21", "EN1", "EN3")}

PRIMARIES = (
    "Alder Grange Primary, Coppice Lane Primary, Ferryfield Primary, Fernley Primary, Glasshouse Primary, Heron Mead "
    "Primary, Linden Bank Primary, Marshside Primary, Millers Gate Primary, Pavilion Primary, Rowan Hill School, "
    "St Osyth’s Primary, Swallowfield Primary, Turnpike Infants, Weavers Primary"
)
SECONDARIES = (
    "Beacon Rise School, Cresswater School, Foundry Road Academy, Lammas High School, Northgate Girls’ School, "
    "Ropewalk School, Tanners Hill Academy"
)
NURSERIES = (
    "Little Acorns Nursery, Ladybird Playgroup, Puddleduck Nursery, Sunflower Children’s Centre, Tadpoles Nursery"
)
HEALTH = (
    "Children’s ward, Lea Valley Hospital; Emergency department, Lea Valley Hospital; Health visiting team, Osier "
    "Centre; School nursing, east team; Safeguarding midwife, Lea Valley Hospital; Dr Farrow’s surgery, Maltings "
    "Lane; Walk-in centre, Hopyard Road; Child and adolescent mental health, Linden House; Community paediatrics, "
    "Osier Centre"
)
POLICE = (
    "Night duty, Tottenham; Late turn, Wood Green; Community safety unit; Early turn, Hornsey; Safer "
    "neighbourhood team, Northumberland Park; Missing persons unit; Public Protection Desk; Safer transport team"
)
VOLUNTARY = (
    "Harbour Women’s Refuge; Streetlamp Youth Club; Family Doorway; Childline; Bridge drug and alcohol service; "
    "Young Carers’ Project"
)
SOCIAL_WORKERS = (
    "Selma Arikan, Imran Sadiq, Imogen Farr, Joan Petty, Kwesi Antwi, Lucy Dangerfield, Marta Wilk, Neil Costello, "
    "Pauline Rae, Sunita Varma, Tendai Moyo, Tom Heald"
)
CHAIRS = (
    "Ms G Teasdale, independent chair; Mr D Olubayo, independent chair; Mrs P Ravenscroft, independent chair; "
    "Ms A Lindqvist, independent chair"
)
PLACES = (
    "Fernley Civic Centre, room 4; Fernley Civic Centre, room 2; Civic Centre, Wood Green; Osier Children’s Centre; "
    "Marshside Family Centre"
)
CALLERS = (
    "Helen Byrd, Ruth Anand, Denise Abbot, Gillian Teasdale, Peter Marsh, Anita Desmond, Joyce Kamara, Colin Frost, "
    "Bridget Lowe, Joan Maddox, Samuel Eze, Lorna Vickers, Andrew Pell, Miriam Katz, Susan Oakes, Dev Rana, Carole "
    "Hyde, Philip Dunn, Nazia Begg, Theresa Coyle, Hamish Reid, Beverley Stone, Olga Petrenko, Kieran Walsh, Hester "
    "Ames, Vincent Adjei, Sheila Marr, Graham Tute, Paula Neves, Judith Orme"
)


@cache
def listed(words: str, by: str = ", ") -> tuple[str, ...]:
    """What stands in one of the texts above."""
    return tuple(" ".join(each.split()) for each in words.split(by.strip()))
