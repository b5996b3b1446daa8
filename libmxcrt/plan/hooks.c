/* SPDX-License-Identifier: Apache-2.0 */
/* The names of the hook kinds, in the order of the life cycle. */
#include "plan/hooks.h"

const char *const hook_kind_names[HOOK_KINDS] = {
	[HOOK_PRESTART] = "prestart",
	[HOOK_CREATE_RUNTIME] = "createRuntime",
	[HOOK_CREATE_CONTAINER] = "createContainer",
	[HOOK_START_CONTAINER] = "startContainer",
	[HOOK_POSTSTART] = "poststart",
	[HOOK_POSTSTOP] = "poststop",
};
