"""What people call months, days of the week and dimensions of time, in the languages of the exports that are known.

Months and days stand in their order, one calendar a line.
"""

WORDS = """
[months]
jan feb mar apr may jun jul aug sep oct nov dec
january february march april may june july august sept october november december
янв фев мар апр май июн июл авг сен окт ноя дек
январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь
января февраля марта апреля мая июня июля августа сентября октября ноября декабря
янв февр март апр мая июн июл авг сент окт нояб дек
jänner feber märz apr mai juni juli aug september okt nov dez
januar februar mär april mai juni juli august september oktober november dezember
januar februar mrz april mai juni juli august sept oktober november desember
januari februari maart april mei juni juli augustus september oktober november december
januari februari mars april maj juni juli augusti september oktober november des
janv févr mars avr mai juin juil août sept oct nov déc
janvier février mars avril mai juin juillet août septembre octobre novembre décembre
janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre
ene feb mar abr may jun jul ago sep oct nov dic
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
gen feb mar apr mag giu lug ago set ott nov dic
gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre
jan fev mar abr mai jun jul ago set out nov dez
janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro
sty lut mar kwi maj cze lip sie wrz paź lis gru
styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień
stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia
tammi helmi maalis huhti touko kesä heinä elo syys loka marras joulu
tammikuu helmikuu maaliskuu huhtikuu toukokuu kesäkuu heinäkuu elokuu syyskuu lokakuu marraskuu joulukuu
січ лют бер квіт трав черв лип серп вер жовт лист груд
січень лютий березень квітень травень червень липень серпень вересень жовтень листопад грудень
січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня
ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık
oca şub mar nis may haz tem ağu eyl eki kas ara
leden únor březen duben květen červen červenec srpen září říjen listopad prosinec
[weekdays]
mon tue wed thu fri sat sun
monday tuesday wednesday thursday friday saturday sunday
mon tues wed thurs fri sat sun
пн вт ср чт пт сб вс
понедельник вторник среда четверг пятница суббота воскресенье
понеділок вівторок середа четвер пʼятниця субота неділя
mo di mi do fr sa so
montag dienstag mittwoch donnerstag freitag samstag sonntag
lun mar mer jeu ven sam dim
lundi mardi mercredi jeudi vendredi samedi dimanche
lun mar mié jue vie sáb dom
lunes martes miércoles jueves viernes sábado domingo
lun mar mer gio ven sab dom
lunedì martedì mercoledì giovedì venerdì sabato domenica
seg ter qua qui sex sáb dom
segunda terça quarta quinta sexta sábado domingo
ma di wo do vr za zo
maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
mån tis ons tors fre lör sön
måndag tisdag onsdag torsdag fredag lördag söndag
man tir ons tor fre lør søn
mandag tirsdag onsdag torsdag fredag lørdag søndag
pon wt śr czw pt sob nd
poniedziałek wtorek środa czwartek piątek sobota niedziela
ma ti ke to pe la su
maanantai tiistai keskiviikko torstai perjantai lauantai sunnuntai
[dimensions]
period day week month quarter year cohort date hour weekday
период день неделя месяц квартал год когорта дата час період тиждень місяць рік
zeitraum tag woche monat quartal jahr datum stunde wochentag
période periode jour semaine mois trimestre année annee heure
período periodo día dia semana mes año ano mês fecha data giorno settimana mese anno
okres dzień tydzień miesiąc kwartał rok dag vecka månad kvartal år måned uke maand jaar
kausi päivä viikko kuukausi vuosi vuosineljännes
[quarter]
q t qtr quarter кв квартал trim trimestre quartal kvartal kwartał
[week]
w wk week kw нед неделя тиждень vk viikko woche semaine semana settimana sem vecka tydzień
[half]
h hy half halbjahr полугодие semestre
[words that say nothing]
г год года р of de the year z utc
"""
