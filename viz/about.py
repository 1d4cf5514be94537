"""What the model is, from where it has its figures, and what it cannot say; in both languages."""

from __future__ import annotations

_EN = """
<h2>What this is</h2>
<p>Two Borders is an agent-based model of migration and smuggling from Central America and Mexico
to the U.S. border. Individual migrants, smuggling organisations, the Border Patrol, ports of
entry, Mexican forces and two governments act on one graph of real cities and sectors. It was
built to test a claim, and to let it lose: that tighter U.S. border security <em>requires</em>
Mexico's cooperation (Walser and Zuckerman, 2013).</p>
<p><strong>Model output within stated priors, not a forecast.</strong></p>
<h2>How to read it</h2>
<p>Both worlds have the same people, and the same person has the same luck in both: every draw is
a function of seed, stream, person and event. What differs between the maps is the policy and what
it sets off.</p>
<p>Costs to people stand beside flows: deaths, kidnappings, people in need of protection returned
without being heard. Deaths are expected deaths, the sum of the risks that people ran.</p>
<h2>Limits</h2>
<p>City-level places and sector-level crossings, nothing finer and nothing operational. Sexual
violence is not modelled, though it is part of these journeys. Supply, who sets out and when, is
put in and not explained. Most numbers are assumptions, marked [A]. A coarse scale is noisy: check
a finding at scale 20 before you believe it.</p>
<h2>Sources</h2>
<p>U.S. government figures are in the public domain; coordinates GeoNames (CC BY 4.0); IOM Missing
Migrants (CC BY 4.0); World Bank and Gapminder (CC BY 4.0); outlines Natural Earth and U.S.
Census. The whole model is described in the ODD+2D protocol, docs/background/odd.md, and held
against the record in docs/background/validation.md, misses first.</p>
"""
_ES = """
<h2>Qué es esto</h2>
<p>Dos Fronteras es un modelo basado en agentes de la migración y el tráfico de personas desde
Centroamérica y México hacia la frontera de Estados Unidos. Migrantes individuales, organizaciones
de traficantes, la Patrulla Fronteriza, puertos de entrada, fuerzas mexicanas y dos gobiernos
actúan sobre un grafo de ciudades y sectores reales. Se hizo para poner a prueba una afirmación y
dejar que pierda: que una mayor seguridad en la frontera de Estados Unidos
<em>requiere</em> la cooperación de México (Walser y Zuckerman, 2013).</p>
<p><strong>Resultado de un modelo dentro de supuestos declarados, no un pronóstico.</strong></p>
<h2>Cómo leerlo</h2>
<p>Ambos mundos tienen las mismas personas, y la misma persona tiene la misma suerte en ambos:
cada sorteo es función de semilla, corriente, persona y suceso. Lo que difiere entre los mapas es
la política y lo que desencadena.</p>
<p>Los costos para las personas están junto a los flujos: muertes, secuestros, personas que
necesitan protección devueltas sin ser oídas. Las muertes son muertes esperadas, la suma de los
riesgos que corrieron.</p>
<h2>Límites</h2>
<p>Lugares a nivel de ciudad y cruces a nivel de sector, nada más fino y nada operativo. La
violencia sexual no se modela, aunque es parte de estos viajes. Quién parte y cuándo se da por
entrada y no se explica. La mayoría de los números son supuestos, marcados [A]. Una escala gruesa
es ruidosa: verifique un hallazgo a escala 20 antes de creerlo.</p>
<h2>Fuentes</h2>
<p>Cifras del gobierno de Estados Unidos, de dominio público; coordenadas GeoNames (CC BY 4.0);
OIM Missing Migrants (CC BY 4.0); Banco Mundial y Gapminder (CC BY 4.0); contornos Natural Earth y
U.S. Census. El modelo completo está en el protocolo ODD+2D, docs/background/odd.md, y junto al
registro en docs/background/validation.md, las fallas primero.</p>
"""


def about_html(language: str) -> str:
    """The page; no text in it comes from outside."""
    return _ES if language == "es" else _EN
