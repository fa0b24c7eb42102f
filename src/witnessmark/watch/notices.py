"""Words and addresses of what stands before a page or in its place: walls, logins, notices, error pages."""

import re

NOT_FOUND = re.compile(
    r"\b404\b|not\s+found|no longer (?:available|exists?)|page (?:has been |was )?(?:removed|deleted)|does ?n.t exist|"
    r"页面不存在|找不到|未找到|已删除|已下架|不存在|頁面不存在|не найден|удален|nicht gefunden|introuvable|"
    r"no encontrad|não encontrad|見つかりません|찾을 수 없|bulunamad|غير موجود|یافت نشد",
    re.IGNORECASE,
)
WALL = re.compile(
    r"captcha|verify (?:that )?you are (?:a )?human|are you a robot|checking your browser|unusual traffic|"
    r"access denied|request (?:was )?blocked|enable javascript and cookies|验证码|安全验证|滑动验证|人机验证|"
    r"проверк\w+ (?:браузера|что вы)|attention required|ddos protection|bot detection",
    re.IGNORECASE,
)
REGION = re.compile(
    r"\b(?:in|from|for|to) your (?:country|region|location|area|territory)\b|(?:所在|当前)(?:的)?(?:国家|地区|區域)|"
    r"в вашей? (?:стране|регионе)|in (?:ihrem|deinem) land\b|dans votre (?:pays|région)|en (?:su|tu) país|"
    r"お住まいの(?:国|地域)|귀하의 (?:국가|지역)",
    re.IGNORECASE,
)
WALL_NAMES = re.compile(
    r"captcha|recaptcha|hcaptcha|turnstile|challenge-platform|cf-chl|geetest|incapsula|datadome|px-captcha"
)
LOGIN = re.compile(
    r"\b(?:log ?in|sign ?in|passwor[dt]|anmelden|connexion|войти|пароль)\b|登录|登入|登錄|密码|ログイン|로그인", re.I
)
MAINTENANCE = re.compile(
    r"maintenance|be (?:right )?back (?:soon|shortly)|temporarily unavailable|upgrading|系统维护|维护中|升级中|"
    r"технически\w+ работ|wartungsarbeiten|en mantenimiento|メンテナンス|점검",
    re.IGNORECASE,
)

# Words of addresses that stand before a page, not in its place.
GATE = re.compile(
    r"(?:^|[/._-])(?:log-?in|log-?on|sign-?in|sso|oauth\d?|auth|authorize|passport|cas|idp|saml|captcha|challenge|verify|"
    r"blocked?|denied|consent|age-?check|age-?gate|wayf|session)(?:$|[/._-])",
    re.IGNORECASE,
)
HOMES = frozenset(
    {"", "/index.html", "/index.htm", "/index.php", "/home", "/en", "/cn", "/zh", "/ru", "/zh-cn", "/default.aspx"}
)
