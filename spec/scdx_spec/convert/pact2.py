"""PACT 2.x and PACT 3, both ways. The choices, and why:

- *Figures are multiplied by the amount, the amount stays.* 2.x counts per one unit, PACT 3 per
  declared amount (ADR 36 of PACT). Setting the amount to 1 would keep the figures and lose what
  the product contains; a product of two decimals is always exact, so multiplying loses nothing,
  and dividing on the way back gives the same digits again. ``productMassPerDeclaredUnit`` is one
  of these figures. On the way from PACT 3 a quotient without end is rounded to 15 digits.
- *Numbers are decimals, never floats.* JSON numbers are taken as written.
- *The total with everything leads.* The totals without biogenic CO2 differ by definition: 2.x
  leaves out all biogenic CO2, PACT 3 the uptake alone. PACT 3's is the total with everything less
  the uptake, unless that is what the source already has.
- *Nothing is invented.* What the other version asks for and the source lacks is an error, or left
  out and told. Two values stand for "not given", as PACT itself uses them: a mass of 0, and empty
  texts.
- *Identifiers stay as they are.* A ``urn:pathfinder:…`` names no issuer, a ``urn:pact:…`` needs
  one; the mapping isn't a fact of the document.
- *The result says so.* Where something was assumed or approximated, the last line of ``comment``
  names it.
"""

from scdx_spec.convert.pact2_downward import to_pact_2_3
from scdx_spec.convert.pact2_upward import to_pact_3

__all__ = ["to_pact_2_3", "to_pact_3"]
