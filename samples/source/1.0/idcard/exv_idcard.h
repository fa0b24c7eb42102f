/*
 * Examplia Vision identity-card reader 1.0
 * 示例视觉 身份证读卡模块: 读取证件上印刷的项目
 *
 * The list is the official one of GB/T 3304, as printed on identity cards. Reading a card says nothing about a face.
 */
#ifndef EXV_IDCARD_H
#define EXV_IDCARD_H

// 身份证民族 (GB/T 3304)
typedef enum tagEXV_IDCARD_ETHNICITY {
    EXV_IDCARD_ETHNICITY_UNKNOWN = 0,
    EXV_IDCARD_ETHNICITY_HAN          =  1,  // 汉族
    EXV_IDCARD_ETHNICITY_MONGOL       =  2,  // 蒙古族
    EXV_IDCARD_ETHNICITY_HUI          =  3,  // 回族
    EXV_IDCARD_ETHNICITY_ZANG         =  4,  // 藏族
    EXV_IDCARD_ETHNICITY_UYGUR        =  5,  // 维吾尔族
    EXV_IDCARD_ETHNICITY_MIAO         =  6,  // 苗族
    EXV_IDCARD_ETHNICITY_YI           =  7,  // 彝族
    EXV_IDCARD_ETHNICITY_ZHUANG       =  8,  // 壮族
    EXV_IDCARD_ETHNICITY_BUYEI        =  9,  // 布依族
    EXV_IDCARD_ETHNICITY_CHOSEN       = 10,  // 朝鲜族
    EXV_IDCARD_ETHNICITY_MAN          = 11,  // 满族
    EXV_IDCARD_ETHNICITY_DONG         = 12,  // 侗族
    EXV_IDCARD_ETHNICITY_YAO          = 13,  // 瑶族
    EXV_IDCARD_ETHNICITY_BAI          = 14,  // 白族
    EXV_IDCARD_ETHNICITY_TUJIA        = 15,  // 土家族
    EXV_IDCARD_ETHNICITY_HANI         = 16,  // 哈尼族
    EXV_IDCARD_ETHNICITY_KAZAK        = 17,  // 哈萨克族
    EXV_IDCARD_ETHNICITY_DAI          = 18,  // 傣族
    EXV_IDCARD_ETHNICITY_LI           = 19,  // 黎族
    EXV_IDCARD_ETHNICITY_LISU         = 20,  // 傈僳族
    EXV_IDCARD_ETHNICITY_VA           = 21,  // 佤族
    EXV_IDCARD_ETHNICITY_SHE          = 22,  // 畲族
    EXV_IDCARD_ETHNICITY_GAOSHAN      = 23,  // 高山族
    EXV_IDCARD_ETHNICITY_LAHU         = 24,  // 拉祜族
    EXV_IDCARD_ETHNICITY_SUI          = 25,  // 水族
    EXV_IDCARD_ETHNICITY_DONGXIANG    = 26,  // 东乡族
    EXV_IDCARD_ETHNICITY_NAXI         = 27,  // 纳西族
    EXV_IDCARD_ETHNICITY_JINGPO       = 28,  // 景颇族
    EXV_IDCARD_ETHNICITY_KIRGIZ       = 29,  // 柯尔克孜族
    EXV_IDCARD_ETHNICITY_TU           = 30,  // 土族
    EXV_IDCARD_ETHNICITY_DAUR         = 31,  // 达斡尔族
    EXV_IDCARD_ETHNICITY_MULAO        = 32,  // 仫佬族
    EXV_IDCARD_ETHNICITY_QIANG        = 33,  // 羌族
    EXV_IDCARD_ETHNICITY_BLANG        = 34,  // 布朗族
    EXV_IDCARD_ETHNICITY_SALAR        = 35,  // 撒拉族
    EXV_IDCARD_ETHNICITY_MAONAN       = 36,  // 毛南族
    EXV_IDCARD_ETHNICITY_GELAO        = 37,  // 仡佬族
    EXV_IDCARD_ETHNICITY_XIBE         = 38,  // 锡伯族
    EXV_IDCARD_ETHNICITY_ACHANG       = 39,  // 阿昌族
    EXV_IDCARD_ETHNICITY_PUMI         = 40,  // 普米族
    EXV_IDCARD_ETHNICITY_TAJIK        = 41,  // 塔吉克族
    EXV_IDCARD_ETHNICITY_NU           = 42,  // 怒族
    EXV_IDCARD_ETHNICITY_UZBEK        = 43,  // 乌孜别克族
    EXV_IDCARD_ETHNICITY_RUSS         = 44,  // 俄罗斯族
    EXV_IDCARD_ETHNICITY_EWENKI       = 45,  // 鄂温克族
    EXV_IDCARD_ETHNICITY_DEANG        = 46,  // 德昂族
    EXV_IDCARD_ETHNICITY_BONAN        = 47,  // 保安族
    EXV_IDCARD_ETHNICITY_YUGUR        = 48,  // 裕固族
    EXV_IDCARD_ETHNICITY_GIN          = 49,  // 京族
    EXV_IDCARD_ETHNICITY_TATAR        = 50,  // 塔塔尔族
    EXV_IDCARD_ETHNICITY_DERUNG       = 51,  // 独龙族
    EXV_IDCARD_ETHNICITY_OROQEN       = 52,  // 鄂伦春族
    EXV_IDCARD_ETHNICITY_HEZHEN       = 53,  // 赫哲族
    EXV_IDCARD_ETHNICITY_MONBA        = 54,  // 门巴族
    EXV_IDCARD_ETHNICITY_LHOBA        = 55,  // 珞巴族
    EXV_IDCARD_ETHNICITY_JINO         = 56,  // 基诺族
} EXV_IDCARD_ETHNICITY;

// 身份证信息
typedef struct tagEXV_IDCARD_INFO {
    char                    szName[64];         // 姓名
    char                    szCardNumber[32];   // 公民身份号码
    EXV_IDCARD_ETHNICITY    emEthnicity;        // 民族
    char                    szAddress[128];     // 住址
    char                    szIssuedBy[64];     // 签发机关
} EXV_IDCARD_INFO;

// 读取身份证
int EXV_ReadIdCard(int hReader, EXV_IDCARD_INFO *pInfo);

#endif
