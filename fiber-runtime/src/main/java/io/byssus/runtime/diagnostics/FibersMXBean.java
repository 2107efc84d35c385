package io.byssus.runtime.diagnostics;

import java.util.List;

/** The MXBean {@code io.byssus:type=Fibers}, which is there while a runtime runs. */
public interface FibersMXBean {
    /** All fibers, as text for people, with a few names where several do the same. */
    String dump();

    /** As {@link #dump}, with every stack and every name, however many there are. */
    String dumpEverything();

    /** The deadlocks among fibers, a sentence each. */
    List<String> findDeadlocks();
}
