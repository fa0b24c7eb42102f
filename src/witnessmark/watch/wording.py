# ruff: noqa: E501
"""What sites say instead of a page, by kind and language: data for `notices`.

Each line is a regular expression over plain text (see `notices.plain`: lower case, without accents, Arabic letters
unified). Lines name meanings, not whole sentences: who adds a language needs the words for a page and for its absence.
"""

# The site itself says that the page, product or file is not there any more, or never was.
GONE = {
    "numbers": (
        r"(?:^|[^\w.,/-])404(?:$|[^\w.,/-])",
        r"\b(?:error|http|code|status|fehler|erreur|errore|erro|ошибка|hata|blad|错误|エラー|에러|오류|خطا|שגיאה|loi)\W{0,3}4(?:04|10)\b",
    ),
    "en": (
        r"\bnot (?:be )?(?:found|located)\b",
        r"\b(?:can ?not|can't|could ?n[o']t|couldn't|unable to|failed to|did ?n[o']t|didn't|don't) (?:\w+ ){0,3}?(?:find|found|locate|located|resolved|exist)\b",
        r"\bno longer (?:\w+ ){0,3}?(?:available|exists?|here|offered|sold|supported|online|active|part of|manufactured|produced|valid|accessible|published|carried|listed|made|in our)",
        r"\bnot (?:\w+ ){1,3}any ?(?:more|longer)\b",
        r"\b(?:does|do|did)(?: not|n't) (?:seem to |appear to )?exist\b",
        r"\b(?:is|are)(?: not|n't) here\b",
        r"\b(?:has|have|had|was|were|been|is|are) (?:\w+ ){0,3}?(?:removed|deleted|discontinued|withdrawn|retired|taken down|taken offline|unpublished|phased out)\b",
        r"\b(?:removed|deleted|moved|renamed)(?:,| or) (?:\w+ ){0,3}?(?:removed|deleted|moved|renamed|never existed|unavailable|changed)\b",
        r"\bdiscontinued (?:product|model|item|line)|\b(?:product|model|item)s? discontinued\b|\bend of (?:life|sale)\b",
        r"\b(?:page|product|item|article|document|file|link|content|address|url|resource) (?:\w+ ){0,4}?(?:is|has|went|seems|may have) (?:\w+ ){0,2}?(?:gone|missing|lost|expired|vanished|disappeared|obsolete)\b",
        r"\b(?:seems to|may|might|could|must) have (?:\w+ ){0,2}?moved\b",
        r"\b(?:nothing|no (?:such )?(?:page|product|item|results?|content|file|document|article|entry|record)s?) (?:\w+ ){0,3}?(?:here|found|exists?|to see|at this|with this|matche[sd])\b",
        r"\bno such (?:page|file|product|item|document|address|resource|key|object)\b",
        r"\b(?:broken|dead|bad|wrong|invalid|outdated|incorrect|expired) (?:link|url|address|page)\b",
        r"\byou(?:'re| are| seem| appear| look)(?: to be)? lost\b|\bpage (?:is )?(?:lost|gone|missing)\b|\bwrong turn\b|\bdead end\b",
    ),
    "zh": (
        r"(?:页面|頁面|网页|網頁|产品|產品|商品|内容|內容|文章|文件|资源|資源|信息|資訊|地址|网址|網址|链接|連結|鏈接|(?:访问|訪問|查看|浏览|瀏覽|寻找|尋找|请求|請求|查找)的).{0,20}(?:不存在|不见了|不見了|走丢|走失|丢失|遺失|消失|丢了|失效|无效|無效|找不到|停产|停產|停售|过期|過期|飞走|离家出走)",
        r"找不到|未找到|没有找到|沒有找到|没找到|无法找到|無法找到|未能找到|查无此|查無此|不存在|迷路了",
        r"已(?:被|经|經)?(?:删除|刪除|移除|下架|下线|下線|停产|停產|停售|撤下|下市|失效)|被(?:删除|刪除|移除|下架|撤下)",
    ),
    "ja": (
        r"見つかりません|見つかりませんでした|見つからな|見当たりません|存在しま(?:せん|した)|存在しない|存在していません",
        r"(?:削除|移動)(?:または|もしくは|、|・|され)|(?:販売|生産|製造|提供|掲載|公開|配布|取り?扱い?)(?:を|は|が)?(?:既に|すでに)?終了|廃番|販売終了品|生産完了",
    ),
    "ko": (
        r"찾을 ?수 ?(?:가 ?)?없|찾지 ?못|존재하지 ?않|삭제되|삭제된|삭제 ?하|단종|판매(?:가)? ?(?:종료|중단|중지)|생산(?:이)? ?(?:종료|중단)",
        r"없는 ?페이지|페이지가 ?없|더 ?이상 .{0,10}(?:제공|판매|존재|사용|이용).{0,6}(?:않|없)|잘못된 ?(?:주소|경로)|이동되었",
    ),
    "ru": (
        r"не (?:был[аои]? )?(?:найден|обнаружен)|не (?:удалось|можем|смогли?|могу|получилось|может) (?:\w+ )?найти|не нашл|не существует|не найти",
        r"(?:больше|уже) не (?:доступ|прода|выпуска|существ|производ|поставл)|(?:страниц|товар|документ|материал|файл|объект|раздел)\w* .{0,40}(?:удален|отсутству|исчез|потерял|перемещ|переехал|снят)",
        r"\bудален[аоы]?\b|снят[аоы]? с (?:производства|продажи|публикации)|такой страницы|нет такой|страницы (?:больше |здесь )?нет|неверн\w+ (?:адрес|ссылк)|заблудил",
    ),
    "uk": (
        r"не (?:було )?знайден|не вдалося знайти|не існує|більше не (?:доступ|прода|існу)|видален[аоий]|знят[аоий]+ з (?:виробництва|продажу)|немає такої|сторінки (?:більше )?немає",
    ),
    "be, bg, sr, mk, hr, sl, bs": (
        r"не знойдзен|не існуе|не (?:е|беше|бе|може|бяха) ?(?:\w+ )?намер|не съществува|изтрит|премахнат|няма такава|спрян\w* от (?:производство|продажба)",
        r"ниje пронаhен|није пронађен|не постоји|уклоњен|обрисан|не е пронајден|не постои|отстранет|nije pronad|ne postoji|uklonjen|obrisan|ukinut|ni (?:bil[ao]? )?(?:mogoce )?najd|ne obstaja|odstranjen|izbrisan|nismo (?:nasli|pronasli)",
    ),
    "kk, ky, uz, tg, tk, tt, mn, az": (
        r"табылмады|табылған жоқ|таба алмады|жоиылған|жоиылды|өшірілген|өшірілді|мұндай бет|енді (?:жоқ|қолжетімсіз)|өндірістен алын|табылган жок|табылбады|өчүрүлгөн|өчүрүлдү",
        r"topilmadi|topib bo.?lmadi|mavjud emas|o.?chirilgan|o.?chirib tashlan|ishlab chiqarishdan|топилмади|мавжуд эмас|учирилган",
        r"ефт нашуд|вучуд надорад|нест карда шуд|tapylmady|tapılmadı|tapılmır|movcud deyil|silinib|silinmi|табылмады|олдсонгуи|байхгуй|устгагдсан",
    ),
    "fr": (
        r"\bintrouvable|\bnon trouve|n'(?:a|ont|avons|as|ai) (?:\w+ ){0,3}?(?:pas|pu) (?:\w+ ){0,3}?trouv|pas (?:ete )?trouve|n'existe (?:pas|plus)|n'exist",
        r"n'est plus (?:\w+ )?(?:disponible|en ligne|commercialis|fabriqu|vendu|propos|accessible|la\b)|(?:a|ont|ete) (?:ete )?(?:supprim|retir|efface|deplac)|\bsupprimee?s?\b|produit (?:arrete|obsolete|supprime)|arret de (?:la )?(?:commercialisation|production)",
        r"il n'y a (?:plus )?rien ici|page (?:perdue|disparue|manquante|inexistante)|lien (?:mort|rompu|brise|invalide|casse)|etes (?:\w+ )?perdu",
    ),
    "de": (
        r"nicht (?:\w+ ){0,2}?(?:gefunden|auffindbar|finden)\b|gibt es (?:\w+ )?(?:nicht|nicht mehr)\b|existiert (?:\w+ )?nicht|nicht mehr (?:\w+ )?(?:existier|vorhanden|verfugbar|lieferbar|erhaltlich|im |angebot|online|produziert|hergestellt|da\b)|nicht vorhanden",
        r"(?:wurde|ist|worden|sind|wurden) (?:\w+ ){0,3}?(?:geloscht|entfernt|verschoben|eingestellt|abgekundigt)|geloscht oder|entfernt oder|auslaufmodell|produkt(?:ion)? (?:\w+ )?(?:eingestellt|abgekundigt)|haben sich verlaufen|keine seite|ungultige (?:adresse|url)",
    ),
    "es, ca, gl": (
        r"no (?:\w+ ){0,3}?(?:encontrad|encontrar|encontro|encuentr|localiz|hallad)|ya no (?:existe|esta|se|forma)|\bno existe|(?:ha sido|fue|han sido|haya sido|ser) (?:eliminad|retirad|borrad|suprimid|movid|descontinuad|descatalogad)",
        r"descatalogad|descontinuad|\beliminad[oa]s?\b|enlace (?:roto|caducado|no valido|invalido)|pagina (?:perdida|inexistente)|no hay nada|no (?:s'ha|s'han|hem) (?:\w+ )?trob|no trobad|ja no (?:existeix|esta)|non (?:se )?(?:\w+ )?atop",
    ),
    "pt": (
        r"nao (?:\w+ ){0,3}?(?:encontr|localiz|achar|achou)|nao (?:\w+ )?existe|ja nao (?:existe|esta|se)|nao (?:esta|e|existe|se encontra) mais|(?:foi|foram|sido|ser) (?:removid|excluid|apagad|eliminad|retirad|movid|descontinuad|deletad)",
        r"descontinuad|fora de linha|pagina (?:perdida|inexistente)|link (?:quebrado|invalido)|nao ha nada",
    ),
    "it": (
        r"non (?:\w+ ){0,4}?(?:trovat|trovare|trova|rintracc)|non esist|non (?:e |sono )?piu (?:disponibil|in |esist|attiv|online|present|raggiung)|(?:e|sono|stat[aoei]) (?:stat[aoei] )?(?:rimoss|eliminat|cancellat|spostat|ritirat|dismess)",
        r"fuori (?:produzione|catalogo)|inesistente|pagina (?:mancante|smarrita|persa|scomparsa)|ti sei pers|vi siete pers",
    ),
    "nl, af": (
        r"niet (?:\w+ ){0,2}?(?:gevonden|vinden|vindbaar|bestaan|bestaat|gevind)|bestaat (?:\w+ )?niet|niet meer (?:beschikbaar|leverbaar|bestaat|verkrijgbaar|online|aangeboden|te )|(?:is|werd|zijn|worden) (?:\w+ ){0,2}?(?:verwijderd|verplaatst|gewist|stopgezet)|uit (?:het assortiment|productie)|bestaan nie|nie gevind",
    ),
    "pl": (
        r"nie (?:\w+ ){0,3}?(?:odnalezion|znalezion|znalezc|znalezli|odnalez)|nie istnieje|nie ma (?:takiej|tej|juz|strony|tu|takiego)|(?:zostal[aoy]?|jest|byc) (?:\w+ )?(?:usuniet|przeniesion|skasowan|wycofan)|\busunieto|wycofan\w* (?:z|ze) |nie jest juz (?:dostepn|sprzedawan|produkowan)|juz niedostepn|nieistniejac|brak (?:takiej )?strony",
    ),
    "cs, sk": (
        r"nenalezen|nebyl[aoy]? (?:\w+ )?nalezen|nebol[aoi]? (?:\w+ )?najden|nenajden|neexistuj|(?:byl[aoy]?|bol[aoi]?) (?:\w+ )?(?:smazan|odstranen|presunut|zrusen|vymazan|stiahnut)|jiz neni|uz (?:nie je|neni)|(?:prodej|predaj) (?:byl )?ukoncen|nepodarilo (?:\w+ )?na[jl]",
    ),
    "hu, fi, et": (
        r"nem talal|nem letez|mar nem (?:elerheto|kaphato|forgalm)|(?:torolt|eltavolit|athelyez|megszun)|nincs ilyen (?:oldal|termek)|ei loy[dt]|ei (?:enaa )?ole (?:enaa )?(?:olemassa|saatavilla)|on (?:poistettu|siirretty|poistunut)|ei leitud|ei leia|ei eksisteeri|on (?:eemaldatud|kustutatud)",
    ),
    "lv, lt": (
        r"nav atrast|neeksist|vairs nav|ir (?:dzest|nonemt)|nerast|neegzist|nebeegzist|(?:buvo|yra) (?:pasalint|istrint)|nebeparduod",
    ),
    "ro": (
        r"nu (?:\w+[- ]){0,3}?(?:gasi|exist|localizat)|negasit|nu mai (?:este|e|exista) ?(?:disponibil|activ|pe|in)?|(?:fost|este) (?:stears|sters|eliminat|mutat|retras|scos)|pagina (?:pierduta|lipsa|inexistenta)",
    ),
    "sv, da, no, is": (
        r"(?:hittades|hittas|hittar|fanns|finns|findes|finnes|fandtes|eksisterer|existerar) (?:\w+ )?(?:inte|ej|ikke)|(?:kunde|kan|kunne) (?:\w+ )?(?:inte|ej|ikke) (?:\w+ )?(?:hitta|find|finn)|(?:ikke|inte|ej) (?:hitta|funnet|fundet|finne)|(?:ikke|inte) (?:laengere|lenger|lengre|langre)|(?:har|er|blev|ble|ar) (?:\w+ ){0,2}?(?:borttag|tagits bort|fjernet|slettet|raderat|flyttat|flyttet|utgatt|udgaet|utgaet)|fannst ekki|er ekki til",
    ),
    "el": (
        r"δεν (?:βρεθηκ|υπαρχει|μπορεσαμε να βρ|ειναι πλεον|βρηκ|μπορει να βρεθει)|(?:εχει|εχουν|μπορει να εχει) (?:\w+ )?(?:διαγραφ|αφαιρεθ|μετακινηθ|καταργηθ)|καταργηθηκ|διαγραφηκ",
    ),
    "tr": (
        r"bulunama|bulama|bulunmuyor|bulunmamakta|mevcut degil|artik (?:mevcut|yayinda|satil|uretil|kullanil|bulun|yok|erisil)|kaldiril|silin(?:di|mis)|tasin(?:di|mis)|uretimden kalk|sayfa\w* (?:\w+ )?(?:ulasila|erisile)|boyle bir (?:sayfa|urun)|sayfa (?:yok|kayip)|kayboldu|hatali (?:adres|baglanti)",
    ),
    "ar": (
        r"غير موجود|لم (?:يتم|نتمكن|نستطع|يعد|تعد) .{0,20}(?:العثور|ايجاد|موجود|متاح|متوفر)|لم يعثر|لم نعثر|لم نجد|تعذر العثور|لا يمكن العثور|عدم العثور|لا (?:توجد|يوجد) .{0,20}(?:صفح|محتوى|منتج)|(?:تم|تمت) (?:حذف|ازال|نقل|سحب)|محذوف|مفقود|متوقف عن الانتاج|اوقف انتاج",
    ),
    "fa": (
        r"(?:پیدا|یافت) (?:نشد|نگردید|نمی ?شود|نکردیم)|وجود ندارد|موجود نیست|(?:حذف|منتقل|برداشته) (?:شده|گردیده|شد)|دیگر (?:\w+ ){0,3}?(?:نیست|ندارد|نمی)|توقف تولید|گم شده",
    ),
    "ur, ug, ps": (r"نہیں مل|موجود نہیں|حذف کر دیا|تیپیلمیدی|تېپىلمىدى|مەۋجۇت ئەمەس|ونه موندل|پیدا نشو",),
    "he": (
        r"לא (?:נמצא|קיימ|קיים|מצאנו|הצלחנו למצוא|ניתן למצוא|ניתן לאתר|אותר|נמצאת)|אינו קיים|אינה קיימת|(?:הדף|העמוד|המוצר|הקובץ|התוכן|דף) .{0,25}(?:הוסר|נמחק|הועבר|הופסק|נעלם|אבד)|אין (?:עמוד|דף|מוצר) כזה|כבר לא (?:זמין|קיים|נמכר|במלאי)",
    ),
    "vi": (
        r"khong (?:\w+ ){0,3}?(?:tim thay|ton tai|tim ra|tim duoc)|khong con\b|da (?:bi|duoc) (?:xoa|go|di chuyen|chuyen di|ngung)|ngung (?:kinh doanh|san xuat|ban|cung cap)",
    ),
    "id, ms, fil": (
        r"tidak (?:dapat )?(?:di)?(?:temu|ketemu|jumpa)\w*|tidak dijumpai|tak (?:di)?temu|halaman .{0,25}tidak (?:lagi )?(?:ada|tersedia|wujud)|tidak lagi (?:ada|tersedia|dijual|diproduksi)|(?:sudah|telah) (?:\w+ )?(?:dihapus|dipindah|ditarik|dibuang|dipadam|dihentikan)|hindi (?:na )?(?:mahanap|natagpuan|makita)",
    ),
    "th, km, lo": (r"ไม่พบ|ไม่มีอยู่|ไม่มีหน้า|ถูกลบ|ถูกย้าย|เลิกจำหน่าย|เลิกผลิต|ยกเลิกการผลิต|หาไม่เจอ|រកមិនឃើញ|មិនមាន|ບໍ່ພົບ",),
    "hi, bn, ne, mr": (r"नही(?:ं)? मिल|मौजूद नही|अस्तित्व मे|हटा दि|हटाया गया|सापडल|भेटिएन|फेला परेन|পাওয়া যা|খুজে পা|खोजे नही",),
    "ka, hy": (r"ვერ მოიძებნა|ვერ ვიპოვეთ|არ არსებობს|წაშლილ|չի գտնվել|չգտնվեց|գոյություն չունի|հեռացվել",),
    "sw, sq, eu, cy, ga": (
        r"haikupatikana|haijapatikana|haupatikani|nuk u gjet|nuk ekziston|ez da (?:\w+ )?aurkitu|heb ei ganfod|nid yw.{0,10} bodoli|nior aimsiodh|gan aimsiu",
    ),
}

# Not to be had, which alone may as well mean: for the moment, or not for you.
UNAVAILABLE = {
    "en": (
        r"\b(?:un|not |isn't |aren't )available\b|\bcan(?:not|'t) be (?:displayed|shown|viewed|accessed|reached)\b"
        r"|\b(?:has|have|was|is) (?:been |now )?moved\b",
    ),
    "zh": (r"(?:无法|無法|不能|不可)(?:访问|訪問|显示|顯示|查看|浏览|瀏覽|打开|開啟)|不可用|不可见|不提供",),
    "ja, ko": (r"ご利用(?:いただけ|でき)ません|表示(?:でき|することができ)ません|(?:이용|표시|열람)할 수 없",),
    "ru, uk": (r"недоступ|не доступн",),
    "west": (
        r"indisponible|pas disponible|indisponivel|nao disponivel|no (?:esta )?disponible|non (?:e )?disponibil|nicht (?:verfugbar|erreichbar)|niet beschikbaar|niedostepn|nedostupn|nem elerheto|indisponibil|utilgjengelig|utilgaengelig|otillganglig|ikke tilgjengelig|ei saatavilla|μη διαθεσιμ",
    ),
    "east": (
        r"mavcut degil|erisilemiyor|غير متاح|غير متوفر|در دسترس نیست|לא זמינ|אינו זמין|khong kha dung|tidak tersedia|उपलब्ध नही|ไม่พร้อม",
    ),
}

# For the moment only, or the whole site.
MAINTENANCE = {
    "en": (
        r"\bmaintenance\b|\bmaintain(?:ing)?\b|\bback (?:soon|shortly|online|up|in)\b|\btemporar(?:y|ily)\b|\bupgrad(?:e|ing)\b|\bunder (?:construction|development)\b|\bcoming soon\b|\blaunching soon\b",
        r"\b(?:scheduled|planned) (?:\w+ )?(?:downtime|works?|outage|update)\b|\bservice (?:is )?unavailable\b|\b(?:try|check|come|visit) (?:\w+ )?(?:again|back|us)? ?(?:later|soon|shortly|in a)|\bwe(?:'ll| will) be (?:right )?back\b|\bcurrently (?:\w+ )?(?:down|offline|unavailable|closed|being|updating|working|improving)\b|\bdown for\b|\bworking on (?:it|the site|our|something|improv)|\bhigh (?:traffic|load|demand)\b|\bqueue\b|\bwaiting room\b|\boverloaded\b",
    ),
    "zh": (
        r"维护|維護|升级|升級|稍后|稍後|暂时|暫時|暂停服务|暫停服務|建设中|建設中|敬请期待|敬請期待|改版|停机|停機|正在(?:维修|維修|更新|调整)|系统(?:繁忙|忙)|服务器(?:繁忙|忙)|排队",
    ),
    "ja, ko": (
        r"メンテナンス|一時的|しばらく(?:して|お待|経)|工事中|準備中|調整中|混み合|アクセスが集中|점검|일시적|잠시 ?후|공사 ?중|준비 ?중|업데이트 ?중|복구",
    ),
    "ru, uk, kk": (
        r"технически\w+ (?:работ|обслуж|перерыв)|обслуживани|обслуговуван|временно|тимчасово|позже|пізніше|скоро (?:верн|откро|заработ)|незабаром|реконструкц|ведутся|в разработке|профилактик|уақытша|техникалық жұмыс|кеиінірек",
    ),
    "west": (
        r"mantenimiento|manutencao|manutenzione|maintenance|wartung|gewartet|vorubergehend|temporane|temporal|temporair|temporari|momentan|tijdelijk|onderhoud|chwilowo|tymczasowo|prac\w* (?:techniczn|konserwac)|przerw\w* (?:techniczn|konserw)|konserwac|docasn|udrzb|karbantart|ideiglenes|mentenanta|temporar|vedlikehold|vedligehold|underhall|tillfallig|midlertidig|huolto|valiaikais|συντηρηση|προσωριν|odrzavanj|hooldus|en construction|en construccion|im aufbau|in costruzione|em construcao|bientot|proximamente|em breve|demnachst|prossimamente|wkrotce|in kurze|gleich zuruck|mas tarde|mais tarde|plus tard|spater",
    ),
    "service": (
        r"(?:service|server|dienst|servicio|servico|servizio|serviciu|uslug|sluzb|szolgaltatas|tjenest|tjanst|palvelu|υπηρεσι|hizmet|сервис|сервіс|служба|услуг|服务|服務|サービス|서비스|خدم|سرویس|שירות|dich vu|layanan|perkhidmatan|सेवा|บริการ)\w*.{0,20}(?:unavailable|not available|indispon|no (?:esta )?disponible|nao disponivel|non (?:e )?disponibil|nicht (?:verfugbar|erreichbar)|niet beschikbaar|niedostepn|nedostupn|nem elerheto|utilg|otillg|ikke tilgj|ei ole|μη διαθ|δεν ειναι|mevcut degil|kullanilam|недоступ|не доступн|不可用|無法使用|无法使用|ご利用|사용할 수 없|이용할 수 없|غير متاح|غير متوفر|در دسترس نیست|לא זמין|khong kha dung|khong co san|tidak tersedia|अनुपलब्ध|उपलब्ध नही|ไม่พร้อม)",
    ),
    "east": (
        r"bakim|gecici|yapim asamasinda|cok yakinda|صيانة|موقتا|مؤقت|لاحقا|قريبا|تعمیر|نگهداری|به ?روز ?رسانی|بزودی|موقت|תחזוקה|זמני|בקרוב|bao tri|bao duong|tam thoi|nang cap|pemeliharaan|perawatan|sementara|segera|penyelenggaraan|ปรับปรุง|ชั่วคราว|रखरखाव|अस्थायी|texnik ishlar|vaqtincha",
    ),
}

# A check whether somebody is a robot or an attacker stands there.
WALL = {
    "en": (
        r"captcha|\b(?:not|aren't|are not) (?:a |an automated )?(?:robot|bot|program)\b|are you (?:a )?(?:robot|human)|(?:you(?:'re| are)|confirm|verify|verifying|prove).{0,25}\b(?:human|real person)\b|checking (?:your browser|if the site|the site connection)|verifying (?:the|your) connection|unusual (?:traffic|behaviou?r|activity)|automated (?:queries|requests|access|traffic|tools?)",
        r"\baccess (?:\w+ ){0,4}?(?:denied|blocked|restricted|forbidden)\b|\brequest (?:\w+ ){0,3}?(?:blocked|rejected|denied|forbidden|unsuccessful)\b|\b(?:been|was|were|you are|ip address is|address is) (?:\w+ )?(?:blocked|banned|blacklisted)\b|\bblocked (?:by|because|your|due)\b",
        r"enable javascript and cookies|javascript is (?:disabled|required|not enabled)|browser (?:check|verification|integrity)|attention required|ddos (?:protection|attack)|bot (?:detection|protection|verification)|security (?:check|verification|checkpoint|challenge|service to protect)|just a moment\b|one more step|pardon our interruption|\bpress (?:and|&) hold\b|web application firewall|\bwaf\b|(?:support|incident|event|reference|ray|request) id\b|making sure you're not|proof[- ]of[- ]work|slide to verify|too many requests|rate limit|suspicious (?:activity|request|traffic)|malicious|threat to the server",
    ),
    "zh": (
        r"验证码|驗證碼|安全(?:验证|驗證|检查|檢查|检测|威胁|防护|拦截)|滑动|滑動|拖动|拖動|人机|人機|机器人|機器人|真人|(?:访问|訪問|请求|請求|操作).{0,10}(?:被拦截|被攔截|被拒绝|被拒絕|被阻断|被阻斷|受限|异常|異常|过于频繁|過於頻繁|频繁|禁止)|拦截|攔截|防火墙|防火牆|非法请求|攻击行为|浏览器(?:检查|安全)|正在(?:检查|验证|檢查|驗證)|网络环境异常|黑名单|禁止访问|禁止訪問|访问频",
    ),
    "ja, ko": (
        r"ロボット(?:では|による|ではない|で)|(?:画像|文字|セキュリティ|本人)認証|不正な?アクセス|アクセスが(?:拒否|制限|遮断|集中)|アクセス(?:拒否|制限)|ブロックされ|로봇|자동 ?입력|보안 ?(?:문자|확인|검사)|비정상적|차단(?:되|된)|접근(?:이)? ?(?:제한|거부|차단|금지)|사람(?:인지|임을)|매크로",
    ),
    "ru, uk, kk": (
        r"вы (?:не )?робот|не робот|автоматическ\w+ (?:запрос|систем)|провер\w+ (?:браузер|безопасност|что вы|ваш)|доступ (?:\w+ ){0,4}?(?:запрещ|ограничен|заблокирован|закрыт)|запрос (?:\w+ ){0,2}?(?:заблокирован|отклонен)|заблокирован|подозрительн|подтвердите, что|слишком много запросов|доступ (?:\w+ )?(?:заборон|обмежен)|сіз робот|қол жеткізу (?:шектел|тыиым)",
    ),
    "refused": (
        r"\bforbidden\b|\bverboten\b|\binterdit\b|\bprohibido\b|\bproibido\b|\bvietato\b|\bverbod\w*|\bforbud\w*|\bforbjud\w*|\bkielletty\b|\binterzis\b|\btiltott\b|\bzakazan|\bzakazano|\bzabronion|\bforboden|απαγορευ|\byasak|\bdilarang\b|\bbi cam\b|запрещено|заборонено|забранено|забрањено|禁止|금지|ممنوع|محظور|אסור|निषिद्ध|ห้าม",
        r"(?:demasiad|excesso de|muit|trop|troppe|te veel|zu viele|zbyt wiele|prilis mnoho|tul sok|prea multe|for mange|for manga|liian monta|liian paljon|πολλα|слишком много|занадто багато|твърде много|cok fazla|terlalu banyak|qua nhieu|过多|太多|過多|頻繁|너무 많|多すぎ|كثير|بیش از حد|רבות מדי) ?(?:\w+ )?(?:request|anfrag|peticion|solicit|pedido|requ[eê]t|richiest|verzoek|zadan|zapytan|pozadavk|poziadav|keres|cerer|foresp|forfr|pyynt|αιτημ|запрос|запит|заявк|istek|permintaan|yeu cau|请求|請求|요청|リクエスト|طلب|درخواست|בקש)?",
    ),
    "west": (
        r"(?:kein|nicht ein|ein) roboter|sie ein mensch|zugriff (?:\w+ ){0,2}?(?:verweigert|verboten|gesperrt|eingeschrankt)|zugang (?:verweigert|gesperrt)|sicherheits(?:uberprufung|prufung|abfrage)|ungewohnlich|anfrage (?:\w+ )?(?:blockiert|abgelehnt)|zu viele anfragen",
        r"pas un robot|etes (?:un )?humain|acces (?:\w+ ){0,3}?(?:refuse|interdit|bloque|restreint)|verification de (?:securite|votre navigateur)|requete (?:\w+ )?(?:bloquee|rejetee)|trop de requetes|activite (?:inhabituelle|suspecte)",
        r"no (?:eres|es|soy|sou|e) (?:un |um )?robot|no eres un robot|nao e um robo|nao sou um robo|(?:es|eres|sea) (?:un )?human[oa]|acceso (?:\w+ ){0,3}?(?:denegado|prohibido|bloqueado|restringido)|acesso (?:\w+ ){0,3}?(?:negado|proibido|bloqueado|restrito)|accesso (?:\w+ ){0,3}?(?:negato|vietato|bloccato)|verificacion de seguridad|verificacao de seguranca|verifica di sicurezza|trafico inusual|demasiadas (?:peticiones|solicitudes)|muitas solicitacoes|troppe richieste|non sei un robot|non sono un robot|bloquead[oa] (?:por|su|seu)",
        r"(?:geen|een) robot|toegang (?:\w+ )?(?:geweigerd|verboten|geblokkeerd)|te veel (?:verzoeken|requests)|(?:nie jestes|jestes) (?:robotem|czlowiekiem)|dostep (?:\w+ ){0,3}?(?:zabronion|zablokowan|ograniczon)|odmowa dostepu|zbyt wiele (?:zadan|zapytan)|pristup (?:\w+ ){0,2}?(?:odepren|zakazan|odmietnut|blokovan)|hozzaferes (?:\w+ )?(?:megtagad|tilos)|acces (?:interzis|blocat|restrictionat)|adgang (?:naegtet|forbudt)|tilgang (?:nektet|forbudt)|atkomst nekad|paasy (?:evatty|estetty)|η προσβαση|προσβαση (?:απαγορ|απορρ)",
    ),
    "east": (
        r"robot (?:olmadig|degil)|insan oldug|erisim (?:\w+ )?(?:engellen|reddedil|yasak|kisitl)|erisiminiz|guvenlik (?:dogrula|kontrol)|cok fazla istek|لست (?:روبوت|برنامج)|انك (?:انسان|بشر)|روبوت|رمز التحقق|تم (?:حظر|رفض|منع)|الوصول (?:مرفوض|محظور|ممنوع|مقيد)|ربات نیستید|ربات|دسترسی .{0,20}(?:مسدود|محدود|غیرمجاز|ممنوع)|کد امنیتی|רובוט|אבטחה|הגישה .{0,15}(?:נחסמה|נדחתה|חסומה|אסורה)|nguoi may|robot|xac minh|truy cap .{0,15}(?:bi tu choi|bi chan|bi cam)|akses .{0,15}(?:ditolak|diblokir|dilarang|dibatasi)|bukan robot|ถูกบล็อก|ปฏิเสธการเข้าถึง|रोबोट",
    ),
}

# Not for the country or region of whoever asks; or a choice of country first.
REGION = {
    "all": (
        r"\b(?:in|from|for|to|outside|of) (?:your|this|the) (?:current )?(?:country|region|location|area|territory|jurisdiction)\b|\byour (?:country|region|location)\b|\bgeo(?:graphic(?:al)?)?[- ]?(?:block|restrict|fence|location)|\b(?:select|choose|confirm) (?:your |a |the )?(?:\w+ )?(?:country|region|location|language|market)\b|\blegal reasons\b|\bexport control|\beuropean (?:union|economic area)\b|\bgdpr\b",
        r"(?:所在|当前|當前|您的|你的|该|此)(?:的)?(?:国家|國家|地区|地區|區域|区域)|选择(?:您的|你的)?(?:国家|地区|语言)|選擇(?:您的|你的)?(?:國家|地區|語言)|地域限制|お(?:住まい|使い)の(?:国|地域)|(?:国|地域)(?:を|では|から)|귀하의 ?(?:국가|지역)|(?:국가|지역)에서|국가 ?선택",
        r"ваш(?:ей|ем|его|у)? (?:стран|регион)|в (?:стране|регионе|этой стране)|выберите (?:\w+ )?(?:страну|регион|язык)|(?:ihrem|deinem|diesem|ihr) (?:land|region)|wahlen sie (?:\w+ )?(?:land|region|sprache)|votre (?:pays|region)|dans ce pays|choisi\w+ (?:votre |un )?(?:pays|langue|region)|(?:su|tu|este|seu|sua|tuo|vostro|questo) (?:pais|paese|region|regiao)|(?:seleccion|escolh|selezion|scegli)\w* (?:\w+ )?(?:pais|paese|idioma|lingua|region)|(?:uw|jouw|dit) land|(?:twoim|twojego|wybierz) (?:kraj|region)|ulkeniz|bolgeniz|ulke (?:sec|icin)|(?:بلدك|منطقتك|دولتك)|(?:کشور|منطقه) شما|במדינ|באזור|quoc gia|khu vuc cua|negara anda|wilayah anda",
    ),
}

# Somebody must first log in, subscribe or pay.
LOGIN = {
    "all": (
        r"\b(?:log|sign) ?[io]n (?:to|first|or|with|required)|\b(?:please|must|need to|have to) (?:\w+ ){0,2}?(?:log|sign) ?in\b|\blogin (?:required|to)|\bmembers? (?:only|area)|\b(?:registered|authori[sz]ed) (?:\w+ )?(?:users?|partners?|members?|customers?|dealers?)\b|\bregist(?:er|ration) (?:\w+ )?(?:to|required|first|is)|\bsubscri(?:be|bers?|ption)\b|\bpassw(?:or|ie)?[dt]\b|\bpassphrase\b|\bunlock (?:this|the|full)|\baccount (?:to|is required|required)|\brestricted to\b|\bunauthori[sz]ed\b|\bpermission",
        r"登录|登錄|登入|登陆|密码|密碼|注册后|注册会员|會員|会员|订阅|付费|授权(?:用户|访问)|无权|無權|权限|ログイン|会員|パスワード|サインイン|有料|로그인|회원|비밀번호|구독|권한",
        r"войдите|войти|авториз|вход\b|пароль|подпис|зарегистрир|увіиді|увійд|кіру|anmeld|einlogg|passwort|abonn|registrier|connect(?:ez|er)[- ]|se connecter|mot de passe|identifi(?:ez|er)|inici(?:ar|e|a) sesion|contrasena|suscri|registrese|faca login|entrar|senha|assin(?:ante|e|ar)|acced(?:i|ere)|registrati|inloggen|wachtwoord|zaloguj|hasl[oa]|subskry|prihlas|heslo|bejelentkez|jelszo|autentific|logg (?:inn|in)|log ind|kirjaudu|salasana|συνδεθ|κωδικο",
        r"giris yap|uye (?:ol|gir)|sifre|parola|تسجيل الدخول|كلمة المرور|اشترك|وارد شوید|ورود|رمز عبور|عضو|התחבר|סיסמ|הרשמ|מנוי|dang nhap|mat khau|thanh vien|masuk|kata sandi|berlangganan|เข้าสู่ระบบ|รหัสผ่าน|लॉग ?इन|पासवर्ड|kirish|parol",
    ),
}

# A question to answer first: cookies, age.
CONSENT = {
    "all": (
        r"\bcookies?\b|\b(?:value|respect|care about) your privacy\b|\bprivacy (?:settings|preferences|choices|notice)\b|\b(?:i |we )?(?:accept|agree|consent)\b|\bage (?:check|verification|gate|restricted)\b|\bhow old are you\b|\b(?:legal|drinking) age\b|\b(?:over|under|at least) (?:the age of )?(?:1[68]|21)\b|\bdate of birth\b|\bterms (?:of use|and conditions)\b|\bdisclaimer\b|\bleaving (?:this|our) (?:site|website)\b",
        r"隐私|隱私|年满|年滿|已满|接受|同意|プライバシー|同意|歳以上|年齢|쿠키|개인정보|동의|연령|куки|конфиденциальн|соглас|вам (?:уже )?(?:есть )?18|возраст|datenschutz|zustimm|einwillig|akzeptier|volljahrig|vie privee|accept(?:er|ez)|majeur|privacidad|acept(?:ar|o)|mayor de edad|privacidade|aceitar|maior de idade|accett|maggiorenne|toestemming|akkoord|akceptuj|prywatnosc|zgod[ayeę]|souhlas|cerez|kabul|gizlilik|ملفات تعريف|موافق|الخصوصية|کوکی|حریم خصوصی|עוגיות|הסכמ|פרטיות|chap nhan|dong y|setuju|kebijakan privasi",
    ),
}

# A seller of the domain, a host or an unset server speaks, not the vendor.
PARKED = {
    "all": (
        r"\bdomain(?: name)? (?:\w+ ){0,4}?(?:for sale|parked|expired|suspended|available|registered|not configured|is not connected|pending)\b|\b(?:buy|purchase|get|own|acquire|interested in) (?:this|the) domain\b|\bdomain parking\b|\bparked (?:free|domain|by|page|courtesy|at)\b|\bsponsored listings\b|\bmake an offer\b",
        r"\baccount (?:has been |is )?suspended\b|\b(?:web)?site (?:\w+ )?(?:suspended|expired|deactivated|not published|not configured|is not set up)\b|\bhosting (?:\w+ )?(?:expired|suspended)\b|\bdefault (?:\w+ )?(?:web ?site|page|server|site|vhost|index)\b|\bwelcome to (?:nginx|openresty|apache|caddy|centos|tengine|openlitespeed)\b|\bit works!|\biis windows\b|\binternet information services\b|\btest page for\b|\bindex of /|\bfuture home of\b|\bplesk\b|\bcpanel\b|\bno (?:web ?site|site) (?:is )?(?:configured|found|here)\b|\bno such (?:app|site|bucket)\b|\bnosuchbucket\b|\bproject not found\b",
        r"域名(?:.{0,8})?(?:出售|转让|轉讓|过期|過期|停放|购买|未备案|未绑定|到期)|出售域名|没有找到站点|站点创建成功|网站(?:已)?(?:关闭|到期|欠费|未备案|暂停访问|停止服务)|ドメイン(?:は|が|の)?.{0,12}(?:販売|期限|取得|パーキング|売)|도메인.{0,12}(?:판매|만료|파킹)|домен.{0,25}(?:прода|припаркован|истек|не оплачен|свободен|не привязан|зарегистрирован)|domain.{0,20}(?:steht zum verkauf|zu verkaufen|reserviert|geparkt)|domaine.{0,20}(?:a vendre|en vente|reserve|expire)|dominio.{0,20}(?:en venta|in vendita|a venda|scadut|caducad|registrad)|domena.{0,20}(?:na sprzedaz|zaparkowan|wygas)|domein.{0,20}te koop|(?:alan adi|domain).{0,15}satilik|نطاق.{0,15}للبيع|دامنه.{0,15}فروش|ten mien.{0,15}(?:ban|het han)",
    ),
}
