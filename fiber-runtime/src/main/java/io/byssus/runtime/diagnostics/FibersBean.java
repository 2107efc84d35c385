package io.byssus.runtime.diagnostics;

import io.byssus.runtime.log.ShardLog;
import io.byssus.runtime.os.Affinity;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.management.JMException;
import javax.management.MBeanServerFactory;
import javax.management.ObjectName;
import javax.management.StandardMBean;

/**
 * The MXBean, registered once for all runtimes of this process while there are any.
 *
 * <p>To make the platform's MBean server takes the JVM half a second of a processor, so it is not
 * made for this: whoever wants to see the bean makes it. Until then a daemon thread looks now and
 * then whether it is there.
 *
 * <p><b>Ownership:</b> any thread.
 */
final class FibersBean implements FibersMXBean {
    static final String NAME = "io.byssus:type=Fibers";

    private static final long LOOK_EVERY_MILLIS = TimeUnit.SECONDS.toMillis(2);

    private static final Object LOCK = new Object();
    private static int runtimes;
    private static boolean registered;
    private static Thread waiter;

    private FibersBean() {}

    static void runtimeAttached() {
        synchronized (LOCK) {
            runtimes++;
            if (runtimes > 1) {
                return;
            }
            if (isServerThere()) {
                register();
            } else {
                waiter =
                        Thread.ofPlatform()
                                .daemon()
                                .name("byssus-mbean")
                                .start(FibersBean::awaitServer);
            }
        }
    }

    static void runtimeDetached() {
        synchronized (LOCK) {
            runtimes--;
            assert runtimes >= 0;
            if (runtimes == 0) {
                waiter = null;
                LOCK.notifyAll();
                unregister();
            }
        }
    }

    private static void awaitServer() {
        Affinity.bindThread(Affinity.ofProcess());
        synchronized (LOCK) {
            while (waiter == Thread.currentThread()) {
                if (isServerThere()) {
                    register();
                    waiter = null;
                } else {
                    try {
                        LOCK.wait(LOOK_EVERY_MILLIS);
                    } catch (InterruptedException e) {
                        waiter = null;
                    }
                }
            }
        }
    }

    /** Any server is known here, and the platform's is the first as a rule. */
    private static boolean isServerThere() {
        return !MBeanServerFactory.findMBeanServer(null).isEmpty();
    }

    private static void register() {
        try {
            ManagementFactory.getPlatformMBeanServer()
                    .registerMBean(
                            new StandardMBean(new FibersBean(), FibersMXBean.class, true),
                            new ObjectName(NAME));
            registered = true;
        } catch (JMException e) {
            ShardLog.warning("no MXBean " + NAME + ": " + e);
        }
    }

    private static void unregister() {
        if (registered) {
            registered = false;
            try {
                ManagementFactory.getPlatformMBeanServer().unregisterMBean(new ObjectName(NAME));
            } catch (JMException e) {
                ShardLog.warning("MXBean " + NAME + " cannot be taken back: " + e);
            }
        }
    }

    @Override
    public String dump() {
        return Fibers.dump();
    }

    @Override
    public String dumpEverything() {
        DumpOptions everything = DumpOptions.everything();
        return Fibers.snapshot(everything).toString(everything.namesMax());
    }

    @Override
    public List<String> findDeadlocks() {
        return Fibers.snapshot(new DumpOptions(0, 1, 1)).deadlocks().stream()
                .map(Deadlock::toString)
                .toList();
    }
}
