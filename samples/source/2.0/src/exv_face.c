/* The library of the made-up SDK: just enough code that names and strings reach a compiled file. It analyses nothing. */
#include "../include/exv_face_sdk.h"

static EXV_FACE_ALARM_RULE g_rule;
static EXV_FaceEventCallback g_callback;
static void *g_user;

int32_t EXV_SetFaceAlarmRule(EXV_HANDLE hDevice, const EXV_FACE_ALARM_RULE *pRule) {
    if (hDevice < 0 || pRule == 0) return -1;
    g_rule = *pRule;
    return 0;
}

int32_t EXV_SubscribeFaceEvent(EXV_HANDLE hDevice, EXV_FaceEventCallback fnEvent, void *pUser) {
    if (hDevice < 0) return -1;
    g_callback = fnEvent;
    g_user = pUser;
    return 0;
}

const char *EXV_EventFormat(void) {
    return "{\"FaceEvent\":{\"Sex\":%d,\"Age\":%d,\"Glasses\":%d,\"Reserved0\":%d,\"Reserved1\":%d}}";
}
