"""Names of DCAT 3, DCAT-AP 3, DCAT-AP-VL, HVD and what they lean on."""

DCAT = "http://www.w3.org/ns/dcat#"
DCT = "http://purl.org/dc/terms/"
DCATAP = "http://data.europa.eu/r5r/"
FOAF = "http://xmlns.com/foaf/0.1/"
VCARD = "http://www.w3.org/2006/vcard/ns#"
ADMS = "http://www.w3.org/ns/adms#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
SPDX = "http://spdx.org/rdf/terms#"
LOCN = "http://www.w3.org/ns/locn#"
DQV = "http://www.w3.org/ns/dqv#"
OA = "http://www.w3.org/ns/oa#"
HYDRA = "http://www.w3.org/ns/hydra/core#"
GSP = "http://www.opengis.net/ont/geosparql#"
EU = "http://publications.europa.eu/resource/authority/"
HVD_REGULATION = "http://data.europa.eu/eli/reg_impl/2023/138/oj"
REFNIS = "http://vocab.belgif.be/auth/refnis"
"""The published code list of Belgian areas (Statbel); what follows is its edition, a slash and the code."""
IANA = "http://www.iana.org/assignments/media-types/"

PREFIXES = {
    "dcat": DCAT,
    "dct": DCT,
    "dcatap": DCATAP,
    "foaf": FOAF,
    "vcard": VCARD,
    "adms": ADMS,
    "skos": SKOS,
    "spdx": SPDX,
    "locn": LOCN,
    "dqv": DQV,
    "oa": OA,
    "hydra": HYDRA,
    "gsp": GSP,
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

PUBLIC = f"{EU}access-right/PUBLIC"
RESTRICTED = f"{EU}access-right/RESTRICTED"
NON_PUBLIC = f"{EU}access-right/NON_PUBLIC"
DUTCH = f"{EU}language/NLD"
LOCAL_AUTHORITY = "http://purl.org/adms/publishertype/LocalAuthority"
STABLE = "http://publications.europa.eu/resource/authority/planned-availability/STABLE"
