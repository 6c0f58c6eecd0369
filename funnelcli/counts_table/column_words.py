"""Words by which spreadsheets and exports of several languages name their columns and their rows of totals.

Words are compared as `plain` leaves them: without case, accents of case, marks and units.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from funnelcli.metrics import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

_CAMEL = re.compile(r"(?<=[a-zа-яё])(?=[A-ZА-ЯЁ])")
_TOKEN = re.compile(r"[^\W_]+|[%#№/]|[$¢£¤¥\u20a0-\u20cf]")
_UNIT = re.compile(r"[(\[]([^()\[\]]*)[)\]]|,([^,]*)$")


def plain(name: str) -> str:
    """A name as words parted by single spaces: `Step_Name`, `stepName` and `step-name` are `step name`."""
    return " ".join(_TOKEN.findall(fold(_CAMEL.sub(" ", name))))


def base_of(name: str) -> str:
    """The words of a name without its unit: `Budget, EUR`, `Budget (EUR)` and `Budget EUR` are `budget`."""
    words = plain(_UNIT.sub(" ", name)).split()
    if len(words) > 1 and words[-1] in _CURRENCIES:
        words.pop()
        if words[-1] == "in" and len(words) > 1:
            words.pop()
    return " ".join(words)


def units_of(name: str) -> list[str]:
    """What stands in brackets or behind the last comma of a name."""
    return [(bracketed or after).strip() for bracketed, after in _UNIT.findall(name)]


def currency_of(name: str) -> str | None:
    """The currency in the name of a column, as it is written there: `EUR`, `руб.`, `€`."""
    last = name.split()[-1:] if len(name.split()) > 1 else []
    for unit in [*units_of(name), *last]:
        if is_currency(unit):
            return unit
    return None


def is_currency(text: str) -> bool:
    """Whether a text is the code, the sign or the word of a currency."""
    return plain(text) in _CURRENCIES


def _words(*texts: str) -> frozenset[str]:
    return frozenset(plain(word) for text in texts for word in text.split(","))


_CURRENCIES = _words(
    "aed,amd,ars,aud,azn,bam,bdt,bgn,bhd,brl,byn,cad,chf,clp,cny,cop,crc,czk,dkk,dop,dzd,egp,eur,gbp,gel,ghs,gtq,"
    "hkd,huf,idr,ils,inr,iqd,irr,isk,jmd,jod,jpy,kes,kgs,krw,kwd,kzt,lbp,lkr,lyd,mad,mdl,mkd,mur,mxn,myr,ngn,nok,npr,"
    "nzd,omr,pab,pen,php,pkr,pln,pyg,qar,ron,rsd,rub,sar,sek,sgd,thb,tnd,try,ttd,twd,tzs,uah,ugx,usd,uyu,uzs,vnd,xaf,"
    "xof,zar,$,€,£,₽,₴,₸,₹,¥,₺,₪,₩,₫,руб,рублей,рубли,р,грн,zł,kč,kr,ft,lei,euro,euros,тенге",
)

STEP_NAMES = _words(
    "stage,stages,step,steps,event,event name,funnel step,funnel stage,step name,stage name,level,funnel level,"
    "этап,этапы,шаг,шаги,событие,стадия,ступень,уровень,этап воронки,шаг воронки,стадия воронки,название шага,"
    "название этапа,stufe,phase,schritt,schritte,ereignis,trichterstufe,trichterschritt,funnel stufe,funnel schritt,"
    "schrittname,name des schritts,étape,étapes,nom de l étape,étape de l entonnoir,étape du funnel,étape du tunnel,"
    "etapa,etapas,paso,pasos,fase,fasi,passo,passi,etapa del embudo,paso del embudo,nombre del paso,etapa do funil,"
    "fase del funnel,stap,trap,etap,krok,steg,trin,steps name"
)
"""Columns whose cells are the stages."""
COUNT_NAMES = _words(
    "count,counts,event count,unit,units,user,users,total users,active users,unique users,sessions,session,visits,"
    "visit,visitors,unique visitors,events,value,values,total,totals,lead,leads,people,persons,customers,contacts,"
    "deals,number,quantity,qty,views,clicks,n,conversions,completions,entries,orders,"
    "количество,кол во,число,пользователи,посетители,визиты,сеансы,сессии,лиды,заявки,клиенты,люди,человек,значение,"
    "всего,события,посещения,просмотры,сделки,anzahl,menge,nutzer,besucher,besuche,sitzungen,wert,kontakte,kunden,"
    "personen,gesamt,nombre,utilisateurs,visiteurs,visites,valeur,personnes,clients,effectif,cantidad,usuarios,"
    "visitantes,visitas,sesiones,valor,personas,clientes,número,quantidade,sessões,utenti,visitatori,visite,sessioni,"
    "numero,aantal,gebruikers,bezoekers,bezoeken,liczba,użytkownicy"
)
"""Columns of the counts beside a column of stages."""
LABEL_NAMES = _words(
    "period,month,week,day,date,year,quarter,hour,период,месяц,неделя,день,дата,год,квартал,час,zeitraum,monat,woche,"
    "tag,datum,jahr,quartal,stunde,mois,semaine,jour,année,trimestre,mes,semana,día,fecha,año,id"
)
"""Columns that are labels even when they hold numbers."""
INDEX_NAMES = _words(
    "#,№,no,n°,nr,n,num,id,№ п/п,п/п,№ пп,index,idx,order,rank,position,pos,row,row number,step number,step no,step nr,"
    "step #,step index,step order,step num,step id,stage number,stage no,stage order,stage index,funnel order,sort,"
    "sort order,sequence,seq,номер,номер шага,номер этапа,порядок,порядковый номер,позиция,nummer,lfd nr,reihenfolge,"
    "schrittnummer,schritt nr,numéro,ordre,rang,número,orden,posición,ordem,ordine,volgorde,kolejność"
)
"""Columns that number the rows, when they hold 1, 2, 3."""
CODE_NAMES = _words("#,№,no,n°,nr,№ п/п,index,idx,row,nummer,номер,numéro")
"""Of these, the ones whose other numbers are codes: labels."""
SPEND_NAMES = _words(
    "budget,cost,costs,spend,spent,spending,ad spend,ads spend,adspend,ad cost,ad costs,total cost,total spend,"
    "amount spent,money spent,media cost,media spend,marketing cost,marketing costs,marketing spend,advertising cost,"
    "advertising costs,expenses,бюджет,расход,расходы,затраты,траты,потрачено,израсходовано,стоимость,"
    "расход всего,расходы всего,сумма расходов,рекламные расходы,расходы на рекламу,расход на рекламу,"
    "затраты на рекламу,рекламный бюджет,kosten,ausgaben,werbekosten,werbeausgaben,gesamtkosten,ausgegebener betrag,"
    "coût,coûts,cout,dépense,dépenses,coût total,montant dépensé,dépenses publicitaires,presupuesto,coste,costes,costo,"
    "costos,gasto,gastos,importe gastado,inversión,custo,custos,valor gasto,orçamento,spesa,importo speso,uitgaven,"
    "besteed bedrag,koszt,koszty,wydatki,wydana kwota,maliyet,кошторис,витрати"
)
"""Columns of money spent."""
REVENUE_NAMES = _words(
    "revenue,revenues,total revenue,turnover,sales value,sales amount,sales revenue,purchase revenue,conversion value,"
    "conversions value,conv value,total conv value,total conversion value,purchase value,purchases value,"
    "purchases conversion value,purchase conversion value,all conv value,gross sales,net sales,gmv,income,takings,"
    "revenue total,выручка,доход,доходы,оборот,сумма продаж,объем продаж,ценность конверсий,ценность конверсии,"
    "ценность конв,доход всего,umsatz,umsätze,erlös,erlöse,einnahmen,conv wert,conversion wert,conversionwert,"
    "wert der conversions,chiffre d affaires,ca,revenu,revenus,recettes,valeur de conv,valeur de conversion,"
    "valeur de conversion des achats,ventes en valeur,ingresos,facturación,valor de conv,valor de conversión,"
    "valor de las conversiones,receita,faturamento,ricavi,fatturato,omzet,opbrengst,przychód,przychody,gelir,дохід"
)
"""Columns of money earned."""
MONEY_NAMES = _words("amount,betrag,montant,importe,importo,bedrag,kwota,money,деньги,geld,argent,dinero")
"""Columns of money that say not whether it is spent or earned."""
CURRENCY_NAMES = _words(
    "currency,currency code,валюта,код валюты,währung,währungscode,devise,moneda,moeda,valuta,waluta"
)
"""Columns that name the currency."""
COMPUTED_NAMES = _words(
    "profit,gross profit,net profit,margin,прибыль,валовая прибыль,маржа,gewinn,bénéfice,marge,beneficio,margen,lucro,"
    "abandonments,abandonment,abandons,drop off,drop offs,dropoff,dropoffs,dropped off,отток,abbrüche,abandonos"
)
"""Columns of what is computed from counts and money."""
UNIQUE_NAMES = _words(
    "users,visitors,reach,посетители,посетителей,пользователи,пользователей,охват,"
    "аудитория,nutzer,besucher,reichweite,utilisateurs,visiteurs,portée,couverture,usuarios,visitantes,alcance,utenti,"
    "visitatori,copertura,gebruikers,bezoekers,bereik,użytkownicy,zasięg,unique,uniques,уникальные"
)
"""Words of columns that hold people: one of them may be in several rows, so that rows do not add up."""
WHOLE_NAMES = UNIQUE_NAMES | _words(
    "visits,visit,sessions,session,clicks,click,impressions,impr,views,pageviews,leads,lead,deals,deal,orders,order,"
    "purchases,purchase,sales,sale,customers,customer,buyers,registrations,signups,calls,contacts,inquiries,requests,"
    "units,визиты,сеансы,сессии,клики,показы,просмотры,лиды,заявки,сделки,заказы,продажи,покупки,клиенты,покупатели,"
    "звонки,регистрации,besuche,sitzungen,klicks,impressionen,aufrufe,anfragen,bestellungen,käufe,verkäufe,kunden,"
    "anrufe,visites,clics,prospects,commandes,ventes,achats,visitas,sesiones,clics,pedidos,ventas,compras,clientes"
)
"""Words of columns and stages whose units are whole."""
FRACTIONAL_NAMES = _words(
    "conversions,conv,results,share,shares,weight,weights,weighted,score,points,fte,конверсии,конверсий,цели,достижения,konversionen,"
    "conversiones,conversões,gewicht,poids,peso,вес"
)
"""Words of columns and stages whose units may be parts, as attributed conversions are."""
TOTAL_NAMES = _words(
    "total,totals,grand total,sum,$overall,итого,всего,итог,общий итог,сумма,итого и средние,summe,gesamt,"
    "gesamtsumme,gesamtergebnis,insgesamt,somme,total général,totaux,total general,totaal,eindtotaal,razem,suma,"
    "suma końcowa,totale,totale complessivo,totais,total geral,toplam,genel toplam,усього,разом,totalt,celkem"
)
"""Names of rows and columns that add others up."""
SUBTOTAL_NAMES = _words("subtotal,sub total,zwischensumme,teilergebnis,sous total,подытог,промежуточный итог,subtotale")

RATE = re.compile(
    r"%|\b(?:percent|percentage|pct|prozent|pourcentage|porcentaje|процент\w*|ctr|cvr|roas|roi|romi|rate|rates|ratio|"
    r"taux|tasa|tasso|taxa|anteil|доля|дрр|рентабельность|frequency|частота|häufigkeit|fréquence|frecuencia|"
    r"acos|конверсия|(?:klick|konversions?|conversions?|conv|absprung|öffnungs|abschluss|kauf|ausstiegs|bounce|"
    r"abbruch|erfolgs|antwort|durchklick)s?(?:rate|quote))\b|\bshare of\b|\w share$|^cr$|"
    r"^(?:\w+ )?(?:conversion|konversion|conversión)$|^глубина"
)
"""Names of columns of rates and ratios, as `plain` leaves them."""
PRICE = re.compile(
    r"\b(?:cpc|cpm|cpa|cpl|cpv|cpi|cpo|cac|cps|cpr|cpt|ecpm|ecpc|vcpm|rpm|aov|arpu|arppu|ltv|цена|avg|average|"
    r"durchschn\w*|moyen|moyenne|moy|promedio|medio|median|médiane?|mediana|медиан\w*|средн\w*|ср)\b|^mean\b|"
    r"^(?:price|preis|prix|precio|preço|prezzo|p\d\d)$|\bprice per\b|^стоимость \w|"
    r"\b(?:cost|costs|spend|spent|kosten|coût|coûts|cout|costo|coste|custo|расход|расходы|value|revenue|wert|umsatz|"
    r"valeur|valor|доход|amount|price)(?: \w+)? (?:/|per|pro|par|por|je) |"
    r"\bper (?:click|lead|sale|order|user|visit|visitor|session|result|action|unit|conversion)\b"
)
"""Names of columns of prices and averages, which do not add up."""
DURATION = re.compile(
    r"^(?:time|seconds|secs?|minutes|mins?|hours|days|zeit|sekunden|minuten|stunden|tage|temps|secondes|heures|jours|"
    r"tiempo|segundos|minutos|horas|días|время|секунды|секунд|сек|минуты|минут|часы|часов|дни|дней)"
    r"(?:$| (?:to|in|on|since|until|between|spent|до|на|в|между|bis|zum|zur|auf|jusqu|avant|sur|entre|hasta|en|"
    r"para)\b)|"
    r"^(?:duration|dauer|durée|duración|длительность|продолжительность)\b|"
    r"\b(?:time|duration|seconds|secs|minutes|hours|sec|ms|latency|секунд|секунды|сек|минут|часов)$|\w{3}(?:dauer|zeit)$"
)
"""Names of columns of durations."""
MOMENT = re.compile(r"\b(?:timestamp|epoch|unix(?: time)?|unixtime|datetime)\b")
"""Names of columns of moments, also of those that hold numbers."""
TIME_UNITS = _words(
    "s,sec,secs,seconds,ms,min,mins,minutes,h,hrs,hours,d,days,μs,microseconds,сек,с,мин,ч,дн,дней,sek,sekunden,"
    "minuten,std,stunden,tage,secondes,heures,jours,segundos,minutos,horas,días,m ss,hh mm ss,mm ss"
)


AVERAGE_NAMES = _words(
    "average,averages,avg,mean,median,среднее,в среднем,среднее значение,медиана,durchschnitt,mittelwert,schnitt,"
    "moyenne,médiane,promedio,mediana,gemiddelde,średnia"
)
"""Names of rows of averages."""
_TOTAL_STARTS = {name.replace("$ ", "$")[:3] for name in TOTAL_NAMES | SUBTOTAL_NAMES} | {"res"}
_OF = re.compile(
    r"[:：(]|\s[-–—]\s|\s(?:for|of|по|aller|der|für|des|du|de|pour|di|dei|van)\s|(?<=results) from (?=\d)",
    re.IGNORECASE,
)
"""What parts the word for a total from what it adds up."""


def is_average(label: str) -> bool:
    """Whether a label names a row of averages."""
    return plain(label) in AVERAGE_NAMES


def is_total(label: str) -> bool:
    """Whether a label names a row that adds up others: `Total`, `Итого`, `Total: Account`, `Summe aller Kampagnen`."""
    if label.lstrip(" \t*-–—=_«\"'").casefold()[:3] not in _TOTAL_STARTS:
        return False  # most labels, and there may be many
    before, *after = _OF.split(fold(label).lstrip("-–— "), maxsplit=1)
    words = plain(before)
    return (
        words in TOTAL_NAMES
        or words in SUBTOTAL_NAMES
        or (words == "results" and bool(after) and label[:12].endswith(" from"))
    )


def is_numbering(cells: Sequence[str]) -> bool:
    """Whether the cells are 1, 2, 3, also from 0, over again or several rows each; a row of totals has none."""
    filled = [cell.strip() for cell in cells if cell.strip() and not is_total(cell)]
    if len(filled) < 2 or not all(cell.isdecimal() and len(cell) < 7 for cell in filled):
        return False
    values = [int(cell) for cell in filled]
    start = values[0]
    goes_on = all(later in (start, earlier, earlier + 1) for earlier, later in pairwise(values))
    return start in (0, 1) and max(values) > start == min(values) and goes_on
