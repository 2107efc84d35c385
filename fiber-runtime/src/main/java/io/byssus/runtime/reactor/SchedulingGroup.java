package io.byssus.runtime.reactor;

/**
 * Fibers that share a shard with the other groups' fibers by shares.
 *
 * <p><b>Ownership:</b> any thread.
 */
public final class SchedulingGroup {
    private static final SchedulingGroup MAIN = new SchedulingGroup("main");

    private final String name;

    private SchedulingGroup(String name) {
        this.name = name;
    }

    /** The group of whatever was not started in another. */
    public static SchedulingGroup main() {
        return MAIN;
    }

    /** For logs, dumps and meters; need not be unique. */
    public String name() {
        return name;
    }

    @Override
    public String toString() {
        return "scheduling group '" + name + "'";
    }
}
