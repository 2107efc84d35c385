package io.byssus.net.posix;

import io.byssus.net.nio.NioBackendProvider;
import io.byssus.runtime.os.HostSystem;
import io.byssus.runtime.shard.RuntimeOptions;
import java.util.List;

/** Which reactor backend the kernel's sockets are served by. */
final class BackendChoice {
    /** All that there are. */
    static final List<String> NAMES =
            List.of(EpollBackendProvider.NAME, UringBackendProvider.NAME, NioBackendProvider.NAME);

    private BackendChoice() {}

    /**
     * The backend to use.
     *
     * @param asked a name, or {@link RuntimeOptions#BEST_BACKEND}
     * @throws IllegalArgumentException if there is none of that name
     * @throws UnsupportedOperationException if this system cannot have it
     */
    static String of(String asked) {
        if (asked.equals(RuntimeOptions.BEST_BACKEND)) {
            return HostSystem.isLinux() ? EpollBackendProvider.NAME : NioBackendProvider.NAME;
        }
        if (!NAMES.contains(asked)) {
            throw new IllegalArgumentException(
                    "--reactor-backend "
                            + asked
                            + ": expected "
                            + String.join(" or ", NAMES)
                            + ", as --network-stack is posix");
        }
        if (!asked.equals(NioBackendProvider.NAME) && !HostSystem.isLinux()) {
            throw new UnsupportedOperationException(
                    "--reactor-backend " + asked + " needs Linux; this is " + HostSystem.name());
        }
        return asked;
    }

    /** What a runtime does without on this system, in one sentence; empty on Linux. */
    static String notice() {
        return HostSystem.isLinux()
                ? ""
                : "this is "
                        + HostSystem.name()
                        + ": --reactor-backend nio, shards are not bound to processors, and a port"
                        + " has one queue for all of them";
    }
}
