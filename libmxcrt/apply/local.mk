# SPDX-License-Identifier: Apache-2.0
# Apply: how one thing is done, one file per kernel mechanism.
libeffect_la_SOURCES +=

# The process half.
libeffect_la_SOURCES += %D%/caps.c %D%/caps.h
libeffect_la_SOURCES += %D%/cgroup.c %D%/cgroup.h
libeffect_la_SOURCES += %D%/cgroup-bus.c %D%/cgroup-bus.h
libeffect_la_SOURCES += %D%/cgroup-controllers.c %D%/cgroup-controllers.h
libeffect_la_SOURCES += %D%/cgroup-devices.c
libeffect_la_SOURCES += %D%/cgroup-figures.c %D%/cgroup-figures.h
libeffect_la_SOURCES += %D%/cgroup-files.c %D%/cgroup-files.h
libeffect_la_SOURCES += %D%/cgroup-limits.c
libeffect_la_SOURCES += %D%/cgroup-processes.c
libeffect_la_SOURCES += %D%/cgroup-scope.c %D%/cgroup-scope.h
libeffect_la_SOURCES += %D%/cgroup-stats.c
libeffect_la_SOURCES += %D%/criu.c %D%/criu.h %D%/criu-externals.c %D%/criu-place.c %D%/criu-rpc.c %D%/criu-rpc.h
libeffect_la_SOURCES += %D%/criu-verify.c
libeffect_la_SOURCES += %D%/fds.c %D%/fds.h
libeffect_la_SOURCES += %D%/keyring.c %D%/keyring.h
libeffect_la_SOURCES += %D%/hooks.c %D%/hooks.h
libeffect_la_SOURCES += %D%/ids.c %D%/ids.h %D%/ids-maps.c
libeffect_la_SOURCES += %D%/lsm.c %D%/lsm.h
libeffect_la_SOURCES += %D%/namespaces.c %D%/namespaces.h %D%/namespaces-refused.c
libeffect_la_SOURCES += %D%/namespaces-lend.c %D%/namespaces-lend.h
libeffect_la_SOURCES += %D%/network.c %D%/network.h
libeffect_la_SOURCES += %D%/payload.c %D%/payload.h
libeffect_la_SOURCES += %D%/pidfd.c %D%/pidfd.h
libeffect_la_SOURCES += %D%/probe.c %D%/probe.h
libeffect_la_SOURCES += %D%/proc.c %D%/proc.h
libeffect_la_SOURCES += %D%/rlimits.c %D%/rlimits.h
libeffect_la_SOURCES += %D%/seccomp.c %D%/seccomp.h
libeffect_la_SOURCES += %D%/seccomp-cache.c %D%/seccomp-cache.h
libeffect_la_SOURCES += %D%/seccomp-config.c %D%/seccomp-config.h
libeffect_la_SOURCES += %D%/seccomp-simulate.c %D%/seccomp-simulate.h
libeffect_la_SOURCES += %D%/self.c %D%/self.h
libeffect_la_SOURCES += %D%/self-exchange.c %D%/self-exchange.h
libeffect_la_SOURCES += %D%/socket.c %D%/socket.h
libeffect_la_SOURCES += %D%/step.c %D%/step.h
libeffect_la_SOURCES += %D%/terminal.c %D%/terminal.h
# The file tree.
libeffect_la_SOURCES += %D%/access.c %D%/access.h
libeffect_la_SOURCES += %D%/access-mounts.c %D%/access-nodes.c %D%/access-nodes.h %D%/access-trees.c
libeffect_la_SOURCES += %D%/copyup.c %D%/copyup.h
libeffect_la_SOURCES += %D%/devices.c %D%/devices.h
libeffect_la_SOURCES += %D%/filesystems.c %D%/filesystems.h
libeffect_la_SOURCES += %D%/idmap.c %D%/idmap.h
libeffect_la_SOURCES += %D%/kernel.c %D%/kernel.h
libeffect_la_SOURCES += %D%/landlock.c %D%/landlock.h
libeffect_la_SOURCES += %D%/masks.c %D%/masks.h
libeffect_la_SOURCES += %D%/mounts.c %D%/mounts.h
libeffect_la_SOURCES += %D%/placeholders.c %D%/placeholders.h
libeffect_la_SOURCES += %D%/rootfs.c %D%/rootfs.h
libeffect_la_SOURCES += %D%/sources.c %D%/sources.h
libeffect_la_SOURCES += %D%/targets.c %D%/targets.h
libeffect_la_SOURCES += %D%/tree.c %D%/tree.h
libeffect_la_SOURCES += %D%/walk.c %D%/walk.h
