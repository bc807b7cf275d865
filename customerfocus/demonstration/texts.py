"""What the invented maker of pumps writes into its registers. All names are invented; the laws are real, described in our own words."""

from __future__ import annotations

#: Customers: (name, segment, key customer)
CUSTOMERS: tuple[tuple[str, str, bool], ...] = (
    ("Harbour Water", "Water supply", True),
    ("Northfield Dairy", "Food and beverage", True),
    ("City Hospitals Trust", "Building services", True),
    ("Alpine Irrigation", "Agriculture", True),
    ("Rhinebank Chemicals", "Process industry", True),
    ("Stadtwerke Lindental", "Water supply", True),
    ("Brasserie du Canal", "Food and beverage", True),
    ("Aegean Desalination", "Water supply", True),
    ("Kestrel Shipyard", "Marine", True),
    ("Greenhouse Union", "Agriculture", True),
    ("Mill Lane Paper", "Process industry", True),
    ("Tower Facility Services", "Building services", True),
    ("Baltic Ferries", "Marine", True),
    ("Meadow Juice", "Food and beverage", True),
    ("Old Town Brewery", "Food and beverage", False),
    ("Riverside Homes", "Building services", False),
    ("Fjord Salmon Farms", "Agriculture", False),
    ("Quarry Nine", "Process industry", False),
    ("Lakeside Camping", "Building services", False),
    ("Valley Vineyards", "Agriculture", False),
)
#: Other interested parties: (name, kind, what matters)
PARTIES: tuple[tuple[str, str, str], ...] = (
    ("Market surveillance authority", "regulator", "Machines and pressure equipment conform before they are sold."),
    ("Data protection authority", "regulator", "Personal data of contacts are handled lawfully."),
    ("Drinking water authority", "regulator", "Materials in contact with drinking water are approved."),
    ("Environment agency", "regulator", "Substances, waste and noise stay within limits."),
    ("Certification body", "other", "The management system fulfils the standard."),
    ("Foundry Eastgate", "external_provider", "Castings arrive sound and on time."),
    ("Seal Works Morgental", "external_provider", "Seals with material certificates."),
    ("Motor Supply North", "external_provider", "Motors of the agreed efficiency class."),
    ("Coating Partner Lien", "external_provider", "Coatings of even thickness."),
    ("Parcel & Freight", "external_provider", "Deliveries reach customers undamaged, when promised."),
    ("Electronics House Vega", "external_provider", "Frequency converters with current firmware."),
    ("Calibration Lab Ruhr", "external_provider", "Gauges calibrated with traceable certificates."),
    ("Works council", "employee", "Safe work and training for new products."),
    ("Owners", "owner", "Lasting earnings and a good name."),
    ("Neighbours of the test field", "community", "Noise of pump tests at night."),
)
#: What customers ask: (statement with {n}, title, acceptance criterion, category, processes)
CUSTOMER_ASKS: tuple[tuple[str, str, str, str, str], ...] = (
    ("Orders are delivered within {n} working days after confirmation.", "Delivery time", "At least 98 % of the month's order lines", "Delivery", "Order handling, Dispatch"),
    ("The pump casing withstands 1.5 times the rated pressure for {n} minutes without leaking.", "Pressure test", "No visible leak, certificate with each pump", "Product", "Assembly, Testing"),
    ("Sound pressure at one metre stays below {n}2 dB(A) at the duty point.", "Noise", "Measured on the first pump of each order", "Product", "Design, Testing"),
    ("Spare parts can be bought for {n} years after the last delivery of a type.", "Spare parts", "Parts list checked yearly", "Service", "Service, Purchasing"),
    ("Service answers a standstill within {n} hours, on every day of the year.", "Standstill service", "Log of the service desk", "Service", "Service"),
    ("Each delivery carries material certificates of all parts that touch the medium.", "Material certificates", "Complete on a sample of twelve deliveries", "Documents", "Purchasing, Dispatch"),
    ("Efficiency at the duty point is at least the offered value less {n} %.", "Efficiency", "Test record of each pump", "Product", "Design, Testing"),
    ("A weekly notice of planned shipments reaches the customer by 16:00 on Thursday.", "Shipment notice", "Fifty-two notices a year", "Delivery", "Order handling"),
    ("Operating instructions are in the language of the country of use.", "Instructions", "Checked at release of each order", "Documents", "Documentation"),
    ("Changes of material or supplier are announced {n} weeks ahead and need the customer's consent.", "Change notice", "No change without consent on file", "Change", "Purchasing, Design"),
    ("Complaints get a first answer within {n} working days and a root cause within thirty.", "Complaint answer", "Register of complaints", "Service", "Complaint handling"),
    ("Invoices show the customer's order number and the serial number of each pump.", "Invoice data", "None returned for missing data", "Delivery", "Finance"),
)
#: Laws and rules: (source, clause, kind, jurisdiction, party, title, statement)
LAWS: tuple[tuple[str, str, str, str, str, str, str], ...] = (
    ("Regulation (EU) 2023/1230", "Annex III", "statutory", "EU", "Market surveillance authority", "Machinery: health and safety", "Hazards of each pump type are assessed and reduced by design before guards and warnings are used."),
    ("Regulation (EU) 2023/1230", "Annex V", "statutory", "EU", "Market surveillance authority", "Machinery: declaration of conformity", "A declaration of conformity in the language of the country of use goes with each machine."),
    ("Regulation (EU) 2023/1230", "Article 10", "statutory", "EU", "Market surveillance authority", "Machinery: technical file", "The technical documentation is kept for ten years after a type was last sold."),
    ("Directive 2014/68/EU", "Annex I", "statutory", "EU", "Market surveillance authority", "Pressure equipment: design", "Casings above the limits are designed, tested and marked as pressure equipment of their category."),
    ("Directive 2014/34/EU", "Annex II", "statutory", "EU", "Market surveillance authority", "Explosive atmospheres", "Pumps for explosive atmospheres are examined for ignition sources and marked with their group."),
    ("Directive 2014/30/EU", "Annex I", "statutory", "EU", "Market surveillance authority", "Electromagnetic compatibility", "Drives neither disturb nor are disturbed beyond the harmonized limits."),
    ("Directive 2011/65/EU", "Article 4", "statutory", "EU", "Environment agency", "Hazardous substances", "Electric parts hold no more of the restricted substances than allowed."),
    ("Regulation (EC) 1907/2006", "Article 33", "statutory", "EU", "Environment agency", "Substances of concern", "Customers are told of substances of very high concern above 0.1 % in an article."),
    ("Directive 2012/19/EU", "Article 14", "statutory", "EU", "Environment agency", "Waste equipment", "Buyers learn how to return electric equipment at the end of its life."),
    ("Regulation (EU) 547/2012", "Annex II", "regulatory", "EU", "Environment agency", "Water pumps: minimum efficiency", "Clean water pumps reach the minimum efficiency index and say it in their documents."),
    ("Regulation (EU) 2019/1781", "Annex I", "regulatory", "EU", "Environment agency", "Motor efficiency", "Motors and drives reach the efficiency class for their power."),
    ("Directive (EU) 2020/2184", "Article 11", "statutory", "EU", "Drinking water authority", "Drinking water materials", "Parts that touch drinking water are made of materials on the approved lists."),
    ("Regulation (EU) 2016/679", "Article 17", "statutory", "EU", "Data protection authority", "Erasure of personal data", "Personal data of contact persons are erased within a month of a justified request."),
    ("Regulation (EU) 2016/679", "Article 30", "statutory", "EU", "Data protection authority", "Records of processing", "Processing of personal data is listed with purpose, recipients and deletion periods."),
    ("Regulation (EU) 2023/988", "Article 9", "statutory", "EU", "Market surveillance authority", "Product safety", "Risks found after sale are reported and corrected without delay."),
    ("Regulation (EC) 1935/2004", "Article 3", "statutory", "EU", "Drinking water authority", "Food contact", "Materials for food pumps give off nothing that endangers health or changes taste."),
    ("TA Lärm", "No. 6.1", "regulatory", "Germany", "Environment agency", "Noise of the test field", "Noise at the nearest window stays within the night limit while pumps are tested."),
    ("KTW-BWGL", "Annex D", "regulatory", "Germany", "Drinking water authority", "Elastomers in drinking water", "Elastomer seals for drinking water have a valid test report."),
    ("ISO 9906", "Grade 2B", "regulatory", "International", "Certification body", "Acceptance tests", "Performance tests of contracts that name the standard keep its tolerances."),
    ("Directive 2006/42/EC", "Annex I", "statutory", "EU", "Market surveillance authority", "Machinery, until January 2027", "Machines sold before the new regulation applies meet the earlier directive."),
)
#: What the organization promises of itself: (title, statement, criterion)
PROMISES: tuple[tuple[str, str, str], ...] = (
    ("Complaint answered in writing", "Every complaint is answered in writing within five working days.", "46 of 47 in the quarter"),
    ("Five years of warranty on castings", "Castings of the standard range carry a warranty of five years.", "Terms of sale"),
    ("A person answers the telephone", "Between seven and eighteen o'clock a person, not a machine, answers within five rings.", "95 % of calls"),
    ("Exchange pump in 48 hours", "A pump of the standard range that fails is exchanged within 48 hours in the country.", "98 % of cases"),
    ("Carbon footprint with each offer", "Each offer states the footprint of the pump and of its yearly running.", "Every offer above 5,000 EUR"),
    ("Repair before replacement", "Service offers a repair first wherever it is safe and costs less than half a new pump.", "Service reports"),
)
#: Risks: (event, cause, consequence, affects, likelihood, consequence level, response)
RISKS: tuple[tuple[str, str, str, str, int, int, str], ...] = (
    ("Castings with hidden porosity reach assembly", "The foundry changed its sand without notice", "Leaks at the pressure test, late deliveries", "both", 3, 4, "change_likelihood"),
    ("Only source for seal material stops", "One supplier, no second approval", "No deliveries to water suppliers for months", "both", 2, 5, "change_likelihood"),
    ("New machinery regulation not met at the date", "Technical files not yet revised", "Sales stop in the EU", "conformity", 3, 5, "remove_source"),
    ("Service desk can't be reached at night", "One person on call, no deputy", "Standstill at hospitals", "satisfaction", 4, 4, "change_likelihood"),
    ("Firmware fault in frequency converters", "Updates are installed without test", "Pumps stop without alarm", "both", 3, 4, "change_likelihood"),
    ("Test bench out of calibration", "Interval missed during the move", "Test records of weeks in doubt", "conformity", 2, 4, "change_likelihood"),
    ("Wrong language of instructions delivered", "Country of use missing in the order", "Declaration not valid, customer can't install", "both", 3, 3, "remove_source"),
    ("Delivery promise missed in summer", "Freight capacity short in harvest time", "Irrigation customers lose crops", "satisfaction", 4, 3, "share"),
    ("Key customer leaves without saying why", "No visit for more than a year", "Loss of a tenth of turnover", "satisfaction", 3, 5, "change_likelihood"),
    ("Knowledge of impeller design lost", "Two engineers retire in the same year", "Redesign takes twice as long", "conformity", 3, 3, "change_consequence"),
    ("Motor of a lower efficiency class mounted", "Same part number for two classes", "Pump not conforming, recall", "conformity", 2, 4, "remove_source"),
    ("Coating too thin inside the casing", "Partner changed its robot program", "Corrosion within the warranty", "both", 3, 3, "change_likelihood"),
    ("Personal data kept too long", "No deletion run in the service tool", "Complaint to the authority", "conformity", 2, 3, "change_likelihood"),
    ("Price of copper doubles", "World market", "Offers can't be kept", "satisfaction", 3, 2, "retain"),
    ("Flood at the test field", "Heavier rain, river beside the hall", "No tests for weeks", "both", 2, 4, "share"),
    ("Certificates mixed up between deliveries", "Manual sorting at dispatch", "Water supplier rejects delivery", "both", 3, 3, "change_likelihood"),
    ("Cyber attack on order handling", "Old remote access", "No orders for days", "both", 2, 5, "change_likelihood"),
    ("Supplier of elastomers without test report", "Report expired unnoticed", "Pumps for drinking water not allowed", "conformity", 3, 4, "change_likelihood"),
    ("Noise limit exceeded at night", "Test of large pumps after ten", "Authority forbids night tests", "conformity", 2, 2, "change_likelihood"),
    ("Complaints answered late in holiday time", "No deputy named", "Customers turn to competitors", "satisfaction", 4, 2, "change_likelihood"),
    ("Wrong duty point in the offer", "Viscosity not asked for", "Efficiency below the offer", "both", 3, 3, "remove_source"),
    ("Spare parts of an old type run out", "Minimum stock never set", "Promise of parts not kept", "satisfaction", 3, 3, "change_likelihood"),
    ("Assembly error at coupling guards", "New staff without training", "Hazard for people", "conformity", 2, 5, "change_likelihood"),
    ("Packaging fails on sea freight", "Cheaper crates since spring", "Damaged pumps at desalination plant", "satisfaction", 3, 3, "change_likelihood"),
)
#: Opportunities: (event, cause, benefit, affects, probability, benefit level, decision)
OPPORTUNITIES: tuple[tuple[str, str, str, str, int, int, str], ...] = (
    ("Condition monitoring as a service", "Customers ask for fewer standstills", "Standstills found before they happen", "satisfaction", 4, 5, "pursue"),
    ("Second foundry in the region", "A new foundry offers samples", "Shorter delivery, less porosity", "both", 3, 4, "pursue"),
    ("Digital type plate with certificates", "The regulation allows digital instructions", "No mixed-up papers", "both", 4, 3, "pursue"),
    ("Common stock with the ferry line", "Their depot is beside ours", "Parts within hours", "satisfaction", 3, 3, "share"),
    ("Retrofit of efficient hydraulics", "Energy prices stay high", "Customers save a fifth of the energy", "satisfaction", 4, 4, "pursue"),
    ("Training centre for installers", "Installation faults are a third of complaints", "Fewer complaints", "both", 3, 3, "defer"),
    ("Rental pumps for floods", "Cities ask every spring", "New customers", "satisfaction", 2, 3, "defer"),
    ("3D-printed impellers for old types", "Prices have halved", "Spare parts promise kept cheaply", "satisfaction", 3, 3, "pursue"),
    ("Own elastomer test bench", "Waiting time at laboratories", "Approvals in days", "conformity", 2, 3, "reject"),
    ("Customer portal for test records", "Asked for in six visits", "Fewer calls, more trust", "satisfaction", 4, 3, "pursue"),
    ("Joint risk review with key suppliers", "Two suppliers offered it", "Problems known earlier", "both", 3, 4, "pursue"),
    ("Quiet pump range", "Hospitals pay for silence", "A segment of our own", "satisfaction", 3, 4, ""),
    ("Recycling of worn casings", "Foundry takes back grey iron", "Lower footprint in offers", "satisfaction", 3, 2, "pursue"),
    ("Remote acceptance tests by video", "Customers save travel", "Tests seen by more people", "satisfaction", 4, 2, "pursue"),
    ("Bundled maintenance contracts", "Facility services look for one partner", "Visits twice a year", "satisfaction", 3, 3, "pursue"),
    ("Apprentices from the water works", "Common training since autumn", "Better knowledge of the customer", "both", 2, 2, ""),
)
#: Context issues: (title, side, category, direction)
ISSUES: tuple[tuple[str, str, str, str], ...] = (
    ("Droughts and floods change what water suppliers need", "external", "climate", "both"),
    ("The machinery regulation applies from January 2027", "external", "legal", "hinders"),
    ("Customers expect answers on the same day", "external", "social", "hinders"),
    ("Energy efficiency decides tenders", "external", "economic", "helps"),
    ("Competitors sell pumps with monitoring included", "external", "competitive", "hinders"),
    ("Many experienced engineers retire", "internal", "knowledge", "hinders"),
    ("A new assembly line starts in the second hall", "internal", "performance", "helps"),
    ("Digital instructions are allowed", "external", "technological", "helps"),
    ("Sanctions change supply routes", "external", "political", "hinders"),
    ("People say openly when something fails", "internal", "cultural", "helps"),
    ("Stricter limits for substances in elastomers", "external", "environmental", "hinders"),
)
#: What customers say: (theme, good, bad)
REMARKS: tuple[tuple[str, str, str], ...] = (
    ("delivery", "Arrived on the promised day, well packed.", "Three days late and nobody called."),
    ("service", "The service technician came the same evening.", "We waited two days for a call back."),
    ("quality", "Runs quietly since the first day.", "The seal leaked after four weeks."),
    ("documents", "All certificates were in the crate.", "The material certificate belonged to another pump."),
    ("advice", "They asked about viscosity before they offered.", "The offer didn't fit our duty point."),
    ("price", "Fair price for the efficiency.", "Spare parts have become dear."),
    ("noise", "Quieter than the old one.", "Louder than the data sheet says."),
)
#: Complaints: (title, what was said, remedy sought)
COMPLAINTS: tuple[tuple[str, str, str], ...] = (
    ("Leak at the shaft seal", "Water on the floor of the pump room after a month.", "Exchange of the seal within a week"),
    ("Delivered too late", "The pump was promised for Monday and came on Friday.", "Compensation for the rented pump"),
    ("Wrong certificate", "The certificate names another heat number.", "The right certificate"),
    ("Instructions in the wrong language", "We received German instructions in Greece.", "Greek instructions"),
    ("Noise above the data sheet", "Our measurement shows 76 instead of 72 dB(A).", "Measurement on site"),
    ("Bearing worn after half a year", "The bearing howls; it ran 2,000 hours.", "Repair under warranty"),
    ("Nobody answered at night", "The standstill number rang without answer.", "A number that is answered"),
    ("Damaged crate", "The crate was broken, the coating scratched.", "New coating"),
    ("Invoice without order number", "We can't book the invoice.", "A corrected invoice"),
    ("Converter stops without alarm", "The pump stood still for an hour unseen.", "A firmware that reports it"),
)
#: Actions: (title, kind, process)
ACTIONS: tuple[tuple[str, str, str], ...] = (
    ("Second approval of seal material", "preventive", "Purchasing"),
    ("Ultrasonic test of castings at receipt", "corrective", "Incoming inspection"),
    ("Deputy plan for the service desk", "corrective", "Service"),
    ("Country of use as a mandatory field of the order", "corrective", "Order handling"),
    ("Revise technical files for the machinery regulation", "preventive", "Design"),
    ("Test firmware on the bench before release", "corrective", "Testing"),
    ("Scan certificates to serial numbers at dispatch", "corrective", "Dispatch"),
    ("Replace the seal at the customer's", "correction", "Service"),
    ("Send the right certificate", "correction", "Dispatch"),
    ("Visit every key customer once a year", "improvement", "Sales"),
    ("Minimum stock for old types", "preventive", "Service"),
    ("Training on coupling guards", "corrective", "Assembly"),
    ("Condition monitoring: pilot with two customers", "improvement", ""),
    ("Offer template that asks for viscosity", "corrective", "Sales"),
    ("Stronger crates for sea freight", "corrective", "Dispatch"),
    ("Deletion run in the service tool", "corrective", "Information technology"),
    ("Calibration calendar with reminders", "corrective", "Testing"),
    ("Deputies for complaint handling in holidays", "preventive", "Complaint handling"),
)
#: Enhancements: (title, reaction, measured effect)
ENHANCEMENTS: tuple[tuple[str, str, str], ...] = (
    ("Free inspection of the oldest pumps", "“We had not asked for that.”", "Two standstills avoided, score of the site from 7 to 9"),
    ("Spare seal added to each crate", "Mentioned in four meetings", "Fewer urgent orders: 11 instead of 19 in the quarter"),
    ("Night test with the customer's night shift", "The shift leader wrote to thank", ""),
    ("Short film on installing the coupling", "Watched 340 times", "Installation faults down by a third"),
    ("Loan pump during a repair", "Old customer ordered again", ""),
)
