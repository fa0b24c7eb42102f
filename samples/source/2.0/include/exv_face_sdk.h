/*
 * Examplia Vision Face SDK 2.0
 * 示例视觉 人脸分析开发包
 *
 * Examplia Vision is made up, and so is everything in this file. It stands in for the headers that researchers
 * have found in real downloads.
 */
#ifndef EXV_FACE_SDK_H
#define EXV_FACE_SDK_H

#include <stdint.h>

typedef int32_t EXV_HANDLE;

// 性别
typedef enum tagEXV_SEX_TYPE {
    EXV_SEX_UNKNOWN = 0,        // 未知
    EXV_SEX_MALE,               // 男
    EXV_SEX_FEMALE,             // 女
} EXV_SEX_TYPE;

// 是否戴眼镜
typedef enum tagEXV_GLASSES_TYPE {
    EXV_GLASSES_UNKNOWN = 0,    // 未知
    EXV_GLASSES_NONE,           // 不戴眼镜
    EXV_GLASSES_WEARING,        // 戴眼镜
} EXV_GLASSES_TYPE;

// 目标属性
typedef struct tagEXV_FACE_ATTRIBUTE {
    uint32_t            dwSize;
    EXV_SEX_TYPE        emSex;          // 性别
    int32_t             nAge;           // 年龄, -1 表示未识别
    EXV_GLASSES_TYPE    emGlasses;      // 眼镜
    int32_t             nReserved0;     // 保留
    int32_t             nReserved1;     // 保留
    int32_t             nConfidence;    // 置信度, 0-100
} EXV_FACE_ATTRIBUTE;

// 目标检测事件
typedef struct tagEXV_FACE_EVENT_INFO {
    uint32_t            dwSize;
    int32_t             nChannel;       // 通道号
    int64_t             nUtcTime;       // 抓拍时间
    int32_t             nSimilarity;    // 与名单库的相似度
    EXV_FACE_ATTRIBUTE  stuFace;        // 目标属性
    char                szImagePath[256];
} EXV_FACE_EVENT_INFO;

// 人脸报警规则: 满足条件时上报
typedef struct tagEXV_FACE_ALARM_RULE {
    uint32_t            dwSize;
    int32_t             bEnable;        // 是否启用
    int32_t             nReserved1;     // 保留
    int32_t             nReserved0;     // 保留
} EXV_FACE_ALARM_RULE;

typedef void (*EXV_FaceEventCallback)(const EXV_FACE_EVENT_INFO *pEvent, void *pUser);

#ifdef __cplusplus
extern "C" {
#endif

// 订阅目标检测事件
int32_t EXV_SubscribeFaceEvent(EXV_HANDLE hDevice, EXV_FaceEventCallback fnEvent, void *pUser);

// 设置人脸报警规则
int32_t EXV_SetFaceAlarmRule(EXV_HANDLE hDevice, const EXV_FACE_ALARM_RULE *pRule);

#ifdef __cplusplus
}
#endif

#endif
