"""A relational model of footprints as SQLModel's own tutorial builds one: tables and their twins.

Lists have tables, small objects that nobody filters by are JSON columns. A peer for measurements:
this is how most teams would begin, and no part of SCDX.
"""

# ruff: noqa: N815  # columns are named as in the documents

from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, Relationship, SQLModel

Json = dict[str, Any]


class Buyer(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str
    token: str = Field(index=True)


class Grant(SQLModel, table=True):
    buyer_id: int = Field(foreign_key="buyer.id", primary_key=True)
    footprint_id: int = Field(foreign_key="footprint.id", primary_key=True)


class CompanyId(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    footprint_id: int | None = Field(default=None, foreign_key="footprint.id", index=True)
    value: str = Field(index=True)


class ProductId(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    footprint_id: int | None = Field(default=None, foreign_key="footprint.id", index=True)
    value: str = Field(index=True)


class Classification(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    footprint_id: int | None = Field(default=None, foreign_key="footprint.id", index=True)
    value: str = Field(index=True)


class Standard(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    pcf_id: int | None = Field(default=None, foreign_key="pcf.id", index=True)
    value: str


class RuleBase(SQLModel):
    operator: str
    otherOperatorName: str | None = None


class Rule(RuleBase, table=True):
    id: int | None = Field(default=None, primary_key=True)
    pcf_id: int | None = Field(default=None, foreign_key="pcf.id", index=True)
    ruleNames: list[str] = Field(sa_column=Column(JSON))


class RulePublic(RuleBase):
    ruleNames: list[str]


class FactorSourceBase(SQLModel):
    name: str
    version: str


class FactorSource(FactorSourceBase, table=True):
    id: int | None = Field(default=None, primary_key=True)
    pcf_id: int | None = Field(default=None, foreign_key="pcf.id", index=True)


class PcfBase(SQLModel):
    declaredUnitOfMeasurement: str
    declaredUnitAmount: str
    productMassPerDeclaredUnit: str
    referencePeriodStart: str
    referencePeriodEnd: str
    geographyCountry: str | None = Field(default=None, index=True)
    boundaryProcessesDescription: str | None = None
    pcfExcludingBiogenicUptake: str
    pcfIncludingBiogenicUptake: str
    fossilGhgEmissions: str
    landUseChangeGhgEmissions: str | None = None
    biogenicNonCO2Emissions: str | None = None
    biogenicCO2Uptake: str | None = None
    fossilCarbonContent: str
    biogenicCarbonContent: str | None = None
    recycledCarbonContent: str | None = None
    packagingEmissionsIncluded: bool
    packagingGhgEmissions: str | None = None
    ccsTechnologicalCO2CaptureIncluded: bool
    exemptedEmissionsPercent: str
    exemptedEmissionsDescription: str | None = None
    allocationRulesDescription: str | None = None
    primaryDataShare: str | None = None


class Pcf(PcfBase, table=True):
    id: int | None = Field(default=None, primary_key=True)
    footprint_id: int | None = Field(default=None, foreign_key="footprint.id", index=True)
    ipccCharacterizationFactors: list[str] = Field(sa_column=Column(JSON))
    dqi: Json | None = Field(default=None, sa_column=Column(JSON))
    verification: Json | None = Field(default=None, sa_column=Column(JSON))
    standards: list[Standard] = Relationship()
    rules: list[Rule] = Relationship()
    sources: list[FactorSource] = Relationship()


class PcfPublic(PcfBase):
    ipccCharacterizationFactors: list[str]
    crossSectoralStandards: list[str]
    productOrSectorSpecificRules: list[RulePublic] = []
    secondaryEmissionFactorSources: list[FactorSourceBase] = []
    dqi: Json | None = None
    verification: Json | None = None


class IdentifierBase(SQLModel):
    scheme: str
    value: str


class Identifier(IdentifierBase, table=True):
    id: int | None = Field(default=None, primary_key=True)
    product_id: int | None = Field(default=None, foreign_key="product.id", index=True)


class Stage(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    product_id: int | None = Field(default=None, foreign_key="product.id", index=True)
    name: str
    kgCO2e: str | None = None
    state: str | None = None
    inside: str | None = None


class CertificateBase(SQLModel):
    scheme: str
    schemeVersion: str
    number: str
    validFrom: str
    validUntil: str


class Certificate(CertificateBase, table=True):
    id: int | None = Field(default=None, primary_key=True)
    product_id: int | None = Field(default=None, foreign_key="product.id", index=True)
    evidence: list[str] = Field(sa_column=Column(JSON))


class CertificatePublic(CertificateBase):
    evidence: list[str]


class PlannedReduction(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    product_id: int | None = Field(default=None, foreign_key="product.id", index=True)
    lever: str
    starts: int
    text: str
    expected: Json = Field(sa_column=Column(JSON))


class Party(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    product_id: int | None = Field(default=None, foreign_key="product.id", index=True)
    role: str
    name: str
    country: str
    identifiers: list[Json] = Field(sa_column=Column(JSON))


class Product(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    footprint_id: int | None = Field(default=None, foreign_key="footprint.id", index=True)
    name: str
    category: str = Field(index=True)
    granularity: str
    condition: str
    deliveryModel: str
    configuration: Json = Field(sa_column=Column(JSON))
    source: str
    derivation: str
    standards: list[str] = Field(sa_column=Column(JSON))
    tool: str
    functionalUnit: str
    declaredUnit: str
    boundary: str
    factors: list[str] = Field(sa_column=Column(JSON))
    total: str
    usePhase: Json = Field(sa_column=Column(JSON))
    uncertainty: Json = Field(sa_column=Column(JSON))
    reportDate: str
    reportEvidence: list[str] = Field(sa_column=Column(JSON))
    circularity: Json = Field(sa_column=Column(JSON))
    dataOwner: str
    evidence: Json = Field(sa_column=Column(JSON))
    assurance: Json = Field(sa_column=Column(JSON))
    passOn: str
    identifiers: list[Identifier] = Relationship()
    stages: list[Stage] = Relationship()
    certificates: list[Certificate] = Relationship()
    planned: list[PlannedReduction] = Relationship()
    parties: list[Party] = Relationship()


class FootprintBase(SQLModel):
    specVersion: str
    created: str
    validityPeriodStart: str | None = None
    validityPeriodEnd: str | None = None
    companyName: str
    productDescription: str
    productNameCompany: str


class Footprint(FootprintBase, table=True):
    id: int | None = Field(default=None, primary_key=True)
    uuid: str = Field(index=True, unique=True)
    company_ids: list[CompanyId] = Relationship()
    product_ids: list[ProductId] = Relationship()
    classifications: list[Classification] = Relationship()
    pcf: Pcf = Relationship(sa_relationship_kwargs={"uselist": False})
    product: Product = Relationship(sa_relationship_kwargs={"uselist": False})


class ExtensionPublic(SQLModel):
    specVersion: str
    dataSchema: str
    documentation: str | None = None
    data: Json


class FootprintPublic(FootprintBase):
    id: str
    companyIds: list[str]
    productIds: list[str]
    productClassifications: list[str] = []
    pcf: PcfPublic
    extensions: list[ExtensionPublic] = []


class Page(SQLModel):
    data: list[FootprintPublic]
