"""Hand-written pairs of services: one and the same, and near misses. See test_same.py.

A service is (name, organisation, postcode, easting or area that it comes to, elements, ages).
"""

TRUE_PAIRS = [
    # a register and a return, said in two ways
    (
        ("St Paul's Youth Club", "O1", "GL1 1AA", None, "Y02", "11-16"),
        ("Saint Pauls YC", "C1", "gl11aa", None, "Y02", ""),
    ),
    (
        ("The Podsmead Centre Youth Club", "O2", "GL2 5AA", None, "Y02", "13-19"),
        ("Podsmead Youth Club", "O9", "GL2 5AA", None, "Y02", "13-19"),
    ),
    (
        ("Matson Library", "O3", "GL4 6DX", None, "Y14", ""),
        ("MATSON LIBRARY", "LIB", "GL4 6DX", None, "Y14", ""),
    ),
    (
        ("Friday Night Project", "O1", None, 383500, "Y02", "13-19"),
        ("Friday Night Project ", "O8", None, 383540, "Y02", "13-19"),
    ),
    (
        ("Barton & Tredworth Cricket Club", "O4", "GL1 4XX", None, "Y01", ""),
        ("Barton and Tredworth Cricket Club", "O4B", None, None, "Y01", ""),
    ),
    (
        ("Kingsholm Primary School", "SCH", "GL1 3BN", 383100, "C01", "4-11"),
        ("Kingsholm C of E Primary School", "O11", "GL1 3BN", 383180, "C01", "4-11"),
    ),
    (
        ("Gloucester Girls' Football", "O5", "GL2 5LP", None, "Y01", "8-16"),
        ("Gloucester Girls Football", "O5", "GL2 5LP", None, "Y01", "8-16"),
    ),
    (
        ("Robinswood Junior Club", "O2", "GL4 6PX", None, "C02", "5-11"),
        ("Robinswood Juniors Club", "O2", "GL4 6PX", None, "C02", "5-11"),
    ),
    (
        ("Music Works Drop-in", "O6", "GL1 2EQ", 383000, "Y03", "11-19"),
        ("The Music Works drop in", "C6", "GL1 2EQ", 383020, "Y03", "11-25"),
    ),
    (
        ("Young Carers Group", "O7", "GL1 1TT", None, "Y08", "8-18"),
        ("Young Carers' Group", "O7B", "GL1 1TT", None, "Y08", "8-18"),
    ),
    (
        ("Quedgeley Scouts", "O12", "GL2 4PF", None, "Y02", "10-14"),
        ("Quedgley Scouts", "O13", "GL2 4PF", None, "Y02", "10-14"),
    ),
    (
        ("Tuffley Play Rangers", "O2", None, 383700, "C02", "5-13"),
        ("Tuffley play rangers", "O14", None, 383770, "C02", "5-13"),
    ),
    (
        ("Longlevens Toy Library", "O3", "GL2 0AJ", None, "C02", "0-5"),
        ("Toy Library Longlevens", "LIB", "GL2 0AJ", None, "C02", "0-5"),
    ),
    (
        ("Hucclecote Chess Club", "O15", "GL3 3SY", None, "Y03", "8-16"),
        ("Hucclecote Chess", "O16", "GL3 3SY", None, "Y03", ""),
    ),
    (
        ("Coney Hill Breakfast Club", "O2", "GL4 4NA", None, "C03", "4-11"),
        ("Breakfast Club at Coney Hill", "SCH", "GL4 4NA", None, "C03", "4-11"),
    ),
    (
        ("Linden Boxing Academy", "O17", None, 384100, "Y01", "11-18"),
        ("Linden Boxing Acadamy", "O17", None, 384100, "Y01", ""),
    ),
    (
        ("Abbeymead Rovers FC", "O18", "GL4 5GF", None, "Y01", "5-18"),
        ("Abbeymead Rovers F.C.", "C18", "GL4 5GF", None, "Y01", ""),
    ),
    (
        ("Westgate Leisure Centre", "O19", None, 382800, "Y01", ""),
        ("Westgate Leisure Ctr", "OPEN", None, 382880, "Y01", ""),
    ),
    (
        ("LGBT+ Youth Group", "O20", "GL1 1XR", None, "Y02", "13-19"),
        ("LGBT Youth Group", "O20B", "GL1 1XR", None, "Y02", "13-19"),
    ),
    (
        ("Café Créatif", "O21", "GL1 2AB", None, "Y03", "11-19"),
        ("Cafe Creatif", "O22", "GL1 2AB", None, "Y03", "11-19"),
    ),
    (
        ("Elmbridge Dance School", "O23", "GL2 0NU", None, "Y03", "4-18"),
        ("Elmbridge Sch of Dance", "O24", "GL2 0NU", None, "Y03", ""),
    ),
    (
        ("Barnwood Park Playground", "O25", None, 385000, "C05", ""),
        ("Barnwood Park Play Area", "OPEN", None, 385060, "C05", ""),
    ),
    (
        ("Mobile Youth Bus", "O1", None, "all", "Y02", "13-19"),
        ("The Mobile Youth Bus", "O1B", None, "all", "Y02", "13-19"),
    ),
    (
        ("Sea Cadets Gloucester", "C30", "GL1 5SF", None, "Y04", "10-18"),
        ("Gloucester Sea Cadets", "O30", "GL1 5SF", None, "Y04", "10-17"),
    ),
    (
        ("Holiday Playscheme Matson", "O2", "GL4 6LA", None, "C06", "5-11"),
        ("Matson holiday play scheme", "O31", "GL4 6LA", None, "C06", "5-11"),
    ),
    (
        ("Careers Advice Service", "O32", "GL1 2LG", None, "Y12", "13-19"),
        ("Careers Advice", "O33", "GL1 2LG", None, "Y12", "13-25"),
    ),
    (
        ("Wotton Judo", "O34", None, 383900, "Y01", ""),
        ("Wotton Judo Club", "O35", None, 383910, "C01", ""),
    ),
    (
        ("Innsworth Girlguiding", "O36", "GL3 1EA", None, "Y02", "10-14"),
        ("Girlguiding Innsworth", "C36", "GL3 1EA", None, "Y02", ""),
    ),
    # said twice by one organisation, once with little
    (
        ("Kingsway Youth Club", "O40", "GL2 2FB", None, "Y02", "11-18"),
        ("Kingsway Youth Club", "O40", None, None, "Y02", ""),
    ),
    (
        ("Hempsted Cubs", "O41", "GL2 5JS", None, "Y02", "8-10"),
        ("Cubs Hempsted", "O41", "GL2 5JS", None, "C02", "8-10"),
    ),
    (
        ("Elmbridge Toddlers", "O80", "GL2 0NU", None, "C02", "0-4"),
        ("Elmbridge Toddler Group", "O81", "GL2 0NU", None, "C02", ""),
    ),
    (
        ("Barton Youth Music Project", "O82", "GL1 4XX", 383000, "Y03", "11-19"),
        ("Barton Music Project", "O83", "GL1 4XX", 383030, "Y03", "11-19"),
    ),
    # missed: a name and a nickname; a name and what it is
    (
        ("The Cavern", "O84", "GL1 2NZ", None, "Y02", "11-18"),
        ("Westgate Street Coffee House", "O85", "GL1 2NZ", None, "Y02", "11-18"),
    ),
    (
        ("Play Gloucestershire Outdoors", "O86", None, 384000, "C02", "5-13"),
        ("Outdoor Rangers", "O86", None, 384000, "C02", "5-13"),
    ),
]
FALSE_PAIRS = [
    (
        ("St Paul's Youth Club", "O1", "GL1 1AA", None, "Y02", "11-16"),
        ("St Peter's Youth Club", "O1", "GL1 1AA", None, "Y02", "11-16"),
    ),
    (
        ("St Paul's Youth Club", "O1", "GL1 1AA", None, "Y02", ""),
        ("St Peter's Youth Club", "O2", None, None, "Y02", ""),
    ),
    # one organisation's club at two sites
    (
        ("Friday Club", "O1", "GL1 1AA", None, "Y02", "13-19"),
        ("Friday Club", "O1", "GL4 6PX", None, "Y02", "13-19"),
    ),
    (
        ("Stay and Play", "O2", None, 383500, "C02", "0-5"),
        ("Stay and Play", "O2", None, 384900, "C02", "0-5"),
    ),
    (
        ("Homework Club", "O2", None, 383500, "Y07", "11-16"),
        ("Homework Club", "O3", None, 384900, "Y07", "11-16"),
    ),
    (
        ("Library Lego Club", "O3", "GL2 4PF", None, "C02", ""),
        ("Library Lego Club", "O3", "GL4 6DX", None, "C02", ""),
    ),
    # junior and senior session of the same club
    (
        ("Podsmead Junior Youth Club", "O2", "GL2 5AA", None, "Y02", "8-11"),
        ("Podsmead Senior Youth Club", "O2", "GL2 5AA", None, "Y02", "12-18"),
    ),
    (
        ("Podsmead Juniors", "O2", "GL2 5AA", None, "Y02", ""),
        ("Podsmead Seniors", "O2", "GL2 5AA", None, "Y02", ""),
    ),
    (
        ("Matson Youth Club", "O2", "GL4 6PX", None, "Y02", "8-12"),
        ("Matson Youth Club", "O2", "GL4 6PX", None, "Y02", "13-19"),
    ),
    (
        ("Matson Club Monday", "O2", "GL4 6PX", None, "Y02", ""),
        ("Matson Club Thursday", "O2", "GL4 6PX", None, "Y02", ""),
    ),
    (
        ("Barton Boys Football", "O5", "GL1 4XX", None, "Y01", ""),
        ("Barton Girls Football", "O5", "GL1 4XX", None, "Y01", ""),
    ),
    (
        ("Under 12s Rugby", "O5", "GL1 3AX", None, "Y01", ""),
        ("Under 16s Rugby", "O5", "GL1 3AX", None, "Y01", ""),
    ),
    # one site, several services
    (
        ("Oxstalls Tennis", "O50", "GL2 9HW", None, "Y01", ""),
        ("Oxstalls Hockey", "O50", "GL2 9HW", None, "Y01", ""),
    ),
    (
        ("GL1 Swimming", "O51", "GL1 1DT", None, "Y01", ""),
        ("GL1 Trampolining", "O51", "GL1 1DT", None, "Y01", ""),
    ),
    (
        ("Matson Library", "O3", "GL4 6DX", None, "Y14", ""),
        ("Matson Youth Club", "O2", "GL4 6DX", None, "Y02", ""),
    ),
    (
        ("All Nations Dance", "O6", "GL1 4AA", None, "Y03", ""),
        ("All Nations Drama", "O6", "GL1 4AA", None, "Y03", ""),
    ),
    (
        ("Finlay Infant School", "SCH", "GL4 6TR", None, "C01", "4-7"),
        ("Finlay Junior School", "SCH", "GL4 6TR", None, "C01", "7-11"),
    ),
    (
        ("Crypt School", "SCH", "GL2 5AE", 382900, "Y01", "11-18"),
        ("Ribston Hall School", "SCH", "GL1 5LE", 382990, "Y01", "11-18"),
    ),
    # alike by their filling words
    (("Youth Club", "O60", None, None, "Y02", ""), ("Youth Club", "O61", None, None, "Y02", "")),
    (
        ("Youth Group", "O60", "GL1 1AA", None, "Y02", ""),
        ("Youth Group", "O61", "GL2 2FB", None, "Y02", ""),
    ),
    (
        ("Tredworth Youth Project", "O62", None, 384200, "Y02", ""),
        ("Tuffley Youth Project", "O63", None, 384250, "Y02", ""),
    ),
    (
        ("Gloucester Youth Theatre", "O64", "GL1 1NN", None, "Y03", ""),
        ("Gloucester Youth Orchestra", "O65", "GL1 1NN", None, "Y03", ""),
    ),
    (
        ("North Gloucester Scouts", "O66", None, None, "Y02", ""),
        ("South Gloucester Scouts", "O66", None, None, "Y02", ""),
    ),
    (
        ("1st Hucclecote Brownies", "O67", "GL3 3SY", None, "Y02", ""),
        ("2nd Hucclecote Brownies", "O67", "GL3 3SY", None, "Y02", ""),
    ),
    (
        ("Summer Play", "O2", "GL4 6LA", None, "C06", ""),
        ("Easter Play", "O2", "GL4 6LA", None, "C06", ""),
    ),
    (
        ("Mobile Youth Bus", "O1", None, "T01", "Y02", ""),
        ("Mobile Youth Bus", "O1", None, "T03", "Y02", ""),
    ),
    (("Young Carers", "O7", None, None, "Y08", ""), ("Young Parents", "O7", None, None, "Y08", "")),
    (
        ("Sunflowers Bereavement Support", "O68", "GL1 1TT", None, "Y09", ""),
        ("Sunflowers Nursery", "O69", "GL1 1TT", None, "C02", ""),
    ),
    (
        ("King George V Playing Field", "O25", None, 382100, "C05", ""),
        ("King George V Playing Field", "O25", None, 384900, "C05", ""),
    ),
    (
        ("Breakfast Club", "SCH", "GL1 3BN", None, "C03", ""),
        ("Breakfast Club", "SCH", "GL4 4NA", None, "C03", ""),
    ),
    (
        ("Art Club", "O70", "GL1 2EQ", None, "Y03", ""),
        ("Cart Club", "O71", "GL1 2EQ", None, "Y01", ""),
    ),
    (
        ("Kingsway Morning Crèche", "O72", "GL2 2FB", None, "C02", ""),
        ("Kingsway Afternoon Crèche", "O72", "GL2 2FB", None, "C02", ""),
    ),
    (
        ("Barnwood Coding Club", "O90", "GL4 3HX", None, "Y07", ""),
        ("Barnwood Cooking Club", "O90", "GL4 3HX", None, "Y07", ""),
    ),
    (
        ("Kingsholm Boxing", "O91", "GL1 3AX", None, "Y01", ""),
        ("Kingsholm Kickboxing and Dance", "O92", None, 389000, "Y03", ""),
    ),
    (
        ("Holiday Club Week 1", "O2", "GL4 6LA", None, "C06", ""),
        ("Holiday Club Week 2", "O2", "GL4 6LA", None, "C06", ""),
    ),
    (
        ("Tuffley Dads Group", "O93", "GL4 0TT", None, "C02", ""),
        ("Tuffley Mums Group", "O93", "GL4 0TT", None, "C02", ""),
    ),
    # wrongly suspected: two clubs of one name in one hall; two crafts a letter apart
    (
        ("Kingsway Youth Club", "O94", "GL2 2FB", None, "Y02", ""),
        ("Kingsway Youth Group", "O95", "GL2 2FB", None, "Y02", ""),
    ),
    (
        ("Tuffley Craft Club", "O96", "GL4 0TT", None, "Y03", ""),
        ("Tuffley Crafts Club for Carers", "O96", "GL4 0TT", None, "Y08", ""),
    ),
]
NUMBERS = {
    "O1": "1012345",
    "C1": "1012345",
    "O6": "1098765",
    "C6": "1098765",
    "O30": "306",
    "C30": "",
}
NAMES = {
    "O1": "Gloucester Youth Trust",
    "C1": "GLOUCESTER YOUTH TRUST",
    "O4": "Barton and Tredworth CC",
    "O4B": "Barton & Tredworth CC",
    "O1B": "Gloucester Youth Trust Ltd",
}
