"""Documents as Python objects, for those who read them: ``SupplierDisclosure.model_validate(…)``.

Views, never the validator: they read what has the schema's types, and nothing here says whether a
document is right. :func:`scdx_spec.check` judges. Names are Python's (``legal_name``), figures
are ``Decimal``, days ``date``, moments ``datetime``; a measure has ``amount``, ``unit``, ``state``
and ``reason``. Members that nobody defined are kept, and
``model_dump(by_alias=True, exclude_unset=True, mode="json")`` gives the document back.

Raises pydantic's ``ValidationError`` where a required member or a type is missing.
"""

from scdx_spec.models_disclosures import SupplierDisclosure
from scdx_spec.models_footprints import ProductFootprint
from scdx_spec.models_parts import Envelope, Measure, Money, View
from scdx_spec.models_products import ProductData, ProductDeclaration
from scdx_spec.models_reports import CustomerReport

__all__ = [
    "CustomerReport",
    "Envelope",
    "Measure",
    "Money",
    "ProductData",
    "ProductDeclaration",
    "ProductFootprint",
    "SupplierDisclosure",
    "View",
]
