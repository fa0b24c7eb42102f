# ruff: noqa: E501
"""Pages that stand where a page was: written for this bench after what sites and vendors of walls show, in many
languages, without looking at the words that the classifier knows."""

NOT_FOUND = (
    "<title>Oops</title><h1>Oops! Nothing to see here</h1><p>We can't seem to find what you were looking for. Try our search.</p>",
    "<title>404</title><h1>Error 404</h1><p>The requested address could not be resolved on this server.</p>",
    "<title>Sorry</title><h2>This product has been retired</h2><p>It is not part of our portfolio any longer. See its successors.</p>",
    "<title>出错了</title><h1>您访问的页面走丢了</h1><p>请检查网址是否正确，或返回首页。</p>",
    "<title>提示</title><p>抱歉，您要查看的产品已停产。</p><a href=/>返回首页</a>",
    "<title>提示</title><p>內容已移除或暫時無法瀏覽</p><a href=/>回到首頁</a>",
    "<title>エラー</title><h1>お探しのページは移動または削除されました</h1><p>トップページへお戻りください。</p>",
    "<title>안내</title><p>요청하신 페이지가 존재하지 않습니다. 주소를 다시 확인해 주세요.</p>",
    "<title>Ошибка</title><h1>Такой страницы нет</h1><p>Возможно, она была перемещена. Вернитесь на главную.</p>",
    "<title>Fehler</title><h1>Ups, diese Seite gibt es nicht mehr</h1><p>Bitte nutzen Sie die Suche.</p>",
    "<title>Erreur</title><h1>Cette page n'existe plus</h1><p>Revenez à l'accueil pour continuer.</p>",
    "<title>Error</title><h1>¡Vaya! Esa dirección ya no existe</h1><p>Vuelve a la portada.</p>",
    "<title>Erro</title><h1>Conteúdo indisponível</h1><p>O endereço pode ter mudado.</p>",
    "<title>Errore</title><h1>La pagina richiesta non è disponibile</h1><p>Torna alla home.</p>",
    "<title>Błąd</title><h1>Nie ma takiej strony</h1><p>Sprawdź adres albo wróć na stronę główną.</p>",
    "<title>Hata</title><h1>Aradığınız sayfaya ulaşılamıyor</h1><p>Ana sayfaya dönün.</p>",
    "<title>خطأ</title><h1>عذراً، هذه الصفحة لم تعد متاحة</h1><p>العودة إلى الرئيسية.</p>",
    "<title>خطا</title><h1>صفحه مورد نظر شما پیدا نشد</h1><p>بازگشت به خانه.</p>",
    "<title>Lỗi</title><h1>Trang bạn tìm không còn tồn tại</h1><p>Quay về trang chủ.</p>",
)

# After interstitials of well-known services and home-made ones; each (title and body, script source or "").
WALLS = (
    '<html><head><title>Just a moment...</title></head><body><h1>{host}</h1><p>Verifying the connection before proceeding. This may take a few seconds.</p><script src="/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1"></script></body></html>',
    '<html><head><title>{host}</title></head><body style="margin:0"><script data-cfasync="false">var dd={{"rt":"c","cid":"AHrlqAAA","hsh":"3A"}}</script><script src="https://ct.captcha-delivery.com/c.js"></script></body></html>',
    '<html><head><title>Access to this page has been denied</title></head><body><h1>Press &amp; Hold to confirm you are a human (and not a bot).</h1><div id="px-captcha"></div><p>Reference ID 9c1f</p></body></html>',
    '<html><head><META NAME="robots" CONTENT="noindex,nofollow"></head><body><iframe id="main-iframe" src="/_Incapsula_Resource?SWUDNSAI=31&xinfo=5" width="100%">Request unsuccessful. Incapsula incident ID: 8670-12</iframe></body></html>',
    "<html><head><title>Pardon Our Interruption</title></head><body><h1>Pardon Our Interruption...</h1><p>As you were browsing something about your browser made us think you were a bot. There are a few reasons this might happen: JavaScript is disabled, or you move with super-human speed.</p></body></html>",
    '<html><head><title>安全检查</title></head><body><h3>为了您的账号安全，请拖动滑块完成拼图</h3><div id="nc_1_wrapper" class="nc-container"></div><script src="https://g.alicdn.com/AWSC/AWSC/awsc.js"></script></body></html>',
    '<html><head><title>百度安全验证</title></head><body><div class="timeout">网络不给力，请稍后重试</div><a href="#">返回首页</a><script src="/static/wappass/mkd.js"></script></body></html>',
    '<html><head><title>Ой!</title></head><body><h1>Подтвердите, что запросы отправляли вы, а не робот</h1><p>Нам очень жаль, но запросы с вашего устройства похожи на автоматические.</p><form action="/checkcaptcha"><input type=checkbox></form></body></html>',
    '<html><head><title>Human Verification</title></head><body><p>Let\'s confirm you are human</p><p>Complete the security check before continuing.</p><div id="captcha-container"></div><script src="https://x.edge.sdk.awswaf.example/challenge.js"></script></body></html>',
    '<html><body><script>document.cookie="__jsl_clearance="+(+[])+"; path=/";location.reload()</script></body></html>',
    "<html><head><title>Request Rejected</title></head><body>The requested URL was rejected. Please consult with your administrator.<br>Your support ID is: 1198754321</body></html>",
    "<html><head><title>您的访问被拦截</title></head><body><p>您的请求疑似攻击行为，已被网站管理员设置拦截！</p><p>事件编号 77aa</p></body></html>",
    "<html><head><title>잠시만요</title></head><body><p>비정상적인 접근이 감지되었습니다. 자동입력 방지 문자를 입력해 주세요.</p><img src=/cap.png><input name=answer></body></html>",
    "<html><head><title>Age check</title></head><body><h1>How old are you?</h1><p>You must be of legal age to enter this website.</p><button>Yes</button><button>No</button></body></html>",
)
LOGINS = (
    "<html><head><title>Member area</title></head><body><form><h1>Please identify yourself</h1><p>E-mail</p><input name=u><p>Password</p><input type=password name=p><button>Continue</button></form></body></html>",
    "<html><head><title>用户中心</title></head><body><form><p>账号</p><input><p>密码</p><input type=password><button>登 录</button></form></body></html>",
    "<html><head><title>Вход</title></head><body><form><p>Пароль</p><input type=password><button>Войти</button></form></body></html>",
    "<html><head><title>Iniciar sesión</title></head><body><form><p>Contraseña</p><input type=password><button>Entrar</button></form></body></html>",
    "<html><head><title>Partner portal</title></head><body><form><p>This content is for registered partners.</p><p>Passphrase</p><input type=password></form></body></html>",
)
MAINTENANCE = (
    "<html><head><title>Back soon</title></head><body><h1>We are making things better</h1><p>Our website is down for planned work. Please come back in an hour.</p></body></html>",
    "<html><head><title>系统公告</title></head><body><h1>系统升级公告</h1><p>网站正在升级，请您稍后访问。</p></body></html>",
    "<html><head><title>Wartung</title></head><body><h1>Wir sind gleich zurück</h1><p>Unsere Webseite wird gerade gewartet.</p></body></html>",
    "<html><head><title>Работы</title></head><body><h1>Сайт временно не работает</h1><p>Ведутся технические работы, зайдите позже.</p></body></html>",
    "<html><head><title>お知らせ</title></head><body><p>ただいまサーバーのメンテナンス中です。</p></body></html>",
    "<html><head><title>Welcome</title></head><body><h1>It works!</h1><p>This is the default page of this server.</p></body></html>",
)
PARKED = (
    "<html><head><title>site.example</title></head><body><h1>site.example</h1><p>This domain may be for sale. Make an offer today.</p><ul><li>Security cameras</li><li>Video recorders</li></ul></body></html>",
    "<html><head><title>Account Suspended</title></head><body><h1>This Account has been suspended.</h1><p>Contact your hosting provider for more information.</p></body></html>",
    "<html><head><title>域名出售</title></head><body><p>您访问的域名正在出售，欢迎联系购买。</p></body></html>",
)
