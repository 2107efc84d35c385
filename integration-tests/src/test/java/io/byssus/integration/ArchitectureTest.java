package io.byssus.integration;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.EvaluationResult;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The directions of {@code docs/ARCHITECTURE.md}, over the classes of every module. */
class ArchitectureTest {
    private static final String ROOT = "io.byssus.";

    private static final Set<String> REACTOR_AND_BELOW =
            Set.of(
                    "runtime.os",
                    "runtime.time",
                    "runtime.queue",
                    "runtime.log",
                    "runtime.memory",
                    "runtime.reactor");
    private static final Set<String> FIBER_AND_BELOW =
            union(REACTOR_AND_BELOW, "runtime.fiber", "runtime.sync");
    private static final Set<String> RUNTIME =
            union(
                    FIBER_AND_BELOW,
                    "runtime.diagnostics",
                    "runtime.shard",
                    "runtime.metrics",
                    "runtime");
    private static final Set<String> PUBLIC_RUNTIME =
            Set.of(
                    "runtime",
                    "runtime.diagnostics",
                    "runtime.fiber",
                    "runtime.log",
                    "runtime.memory",
                    "runtime.metrics",
                    "runtime.reactor",
                    "runtime.shard",
                    "runtime.sync",
                    "runtime.time");

    /** What of Byssus a package may know besides itself. A package that is not here fails. */
    private static final Map<String, Set<String>> MAY_KNOW =
            Map.ofEntries(
                    entry("runtime.os", Set.of()),
                    entry("runtime.time", Set.of()),
                    entry("runtime.queue", Set.of()),
                    entry("runtime.log", Set.of("runtime.os", "runtime.time")),
                    entry("runtime.memory", Set.of("runtime.os")),
                    entry("runtime.reactor", REACTOR_AND_BELOW),
                    entry("runtime.fiber", REACTOR_AND_BELOW),
                    entry("runtime.sync", union(REACTOR_AND_BELOW, "runtime.fiber")),
                    entry(
                            "runtime.diagnostics",
                            union(REACTOR_AND_BELOW, "runtime.fiber", "runtime.sync")),
                    entry("runtime.shard", union(FIBER_AND_BELOW, "runtime.diagnostics")),
                    entry(
                            "runtime.metrics",
                            union(FIBER_AND_BELOW, "runtime.diagnostics", "runtime.shard")),
                    entry("runtime", RUNTIME),
                    entry("net", union(PUBLIC_RUNTIME, "net.spi")),
                    entry("net.spi", union(PUBLIC_RUNTIME, "net", "runtime.os")),
                    entry("net.dns", union(PUBLIC_RUNTIME, "net", "net.spi")),
                    entry("net.tls", union(PUBLIC_RUNTIME, "net", "net.spi", "runtime.os")),
                    entry("net.uring", Set.of("runtime.os", "runtime.memory")),
                    entry("net.nio", union(RUNTIME, "net", "net.spi")),
                    entry("net.posix", union(RUNTIME, "net", "net.spi", "net.uring", "net.nio")),
                    entry(
                            "stack",
                            union(
                                    RUNTIME,
                                    "net",
                                    "net.spi",
                                    "stack.wire",
                                    "stack.device",
                                    "stack.ip",
                                    "stack.tcp")),
                    entry("stack.wire", Set.of()),
                    entry(
                            "stack.device",
                            Set.of("runtime.os", "runtime.time", "runtime.memory", "stack.wire")),
                    entry("stack.ip", Set.of("runtime.os", "runtime.memory", "stack.wire")),
                    entry(
                            "stack.tcp",
                            Set.of(
                                    "runtime.os",
                                    "runtime.time",
                                    "runtime.memory",
                                    "stack.wire",
                                    "stack.ip")),
                    entry(
                            "examples",
                            Set.of(
                                    "runtime",
                                    "runtime.diagnostics",
                                    "runtime.fiber",
                                    "runtime.memory",
                                    "runtime.metrics",
                                    "runtime.reactor",
                                    "runtime.shard",
                                    "runtime.sync",
                                    "runtime.time",
                                    "net",
                                    "net.dns",
                                    "net.tls")));

    /** Who may ask the system for the time, and why. */
    private static final Map<String, String> TIME_KEEPERS =
            Map.of(
                    "runtime.log.ShardLog", "waits for its writer as the program ends",
                    "runtime.time.Clock", "it is the clock that everybody else is given",
                    "runtime.shard.Shutdown", "runs on a thread that has no shard and no clock",
                    "stack.Devices", "a trace tells the time of day");

    /** Who may make a generator, and why; others are given one as a {@code RandomGenerator}. */
    private static final Map<String, String> RANDOM_USERS =
            Map.of(
                    "net.dns.DnsProvider", "what tells answers from forgeries",
                    "net.tls.OpenSslEngines", "the key of its session tickets",
                    "stack.device.FaultyDevice", "a network's faults, from the seed of its maker",
                    "stack.ip.KeyedHash", "makes its keys of the secret that it is given",
                    "stack.NativeStackProvider", "a shard's secrets, which nobody must foresee");

    private static final int CLOCK_READINGS = 4;
    private static final int RANDOM_SOURCES = 8;

    /** Who may print, the examples apart, and why. */
    private static final Map<String, String> PRINTERS =
            Map.of(
                    "runtime.Byssus", "tells a program's user why it did not start",
                    "runtime.Signals", "answers SIGUSR1 as the JVM answers SIGQUIT",
                    "runtime.log.ShardLog", "has nothing else left when the appender fails");

    private static final JavaClasses BYSSUS =
            new ClassFileImporter()
                    .withImportOption(location -> !location.contains("io/byssus/integration/"))
                    .withImportOption(location -> !location.contains("io/byssus/testing/"))
                    .importPackages("io.byssus");

    @Test
    void packagesKnowOnlyThoseBelowThem() {
        Set<String> wrong = new TreeSet<>();
        for (JavaClass from : BYSSUS) {
            String name = shortPackage(from);
            Set<String> allowed = MAY_KNOW.getOrDefault(name, Set.of());
            if (!MAY_KNOW.containsKey(name)) {
                wrong.add(name + " is not in this test's table");
            }
            from.getDirectDependenciesFromSelf().stream()
                    .map(dependency -> dependency.getTargetClass().getBaseComponentType())
                    .filter(to -> to.getPackageName().startsWith("io.byssus"))
                    .filter(to -> !shortPackage(to).equals(name))
                    .filter(to -> !allowed.contains(shortPackage(to)))
                    .forEach(to -> wrong.add(from.getName() + " knows " + to.getName()));
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void everyModuleIsLookedAt() {
        assertThat(BYSSUS.stream().map(ArchitectureTest::shortPackage))
                .contains("runtime.os", "runtime", "net", "net.posix", "stack.wire", "examples");
    }

    @Test
    void onlyOsCallsOutOfJava() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.byssus.runtime.os")
                .should()
                .dependOnClassesThat()
                .haveNameMatching(
                        "java\\.lang\\.foreign\\.(Linker|SymbolLookup|FunctionDescriptor).*")
                .check(BYSSUS);
    }

    @Test
    void onlyTheClockAsksTheSystemForTheTime() {
        noClocks(TIME_KEEPERS.keySet()).check(BYSSUS);
    }

    @Test
    void nothingIsLeftToChance() {
        noRandomness(RANDOM_USERS.keySet()).check(BYSSUS);
    }

    @Test
    void theRulesAgainstClocksAndChanceCanFail() {
        JavaClasses offenders = new ClassFileImporter().importClasses(Offender.class);
        assertThat(noClocks(Set.of()).evaluate(offenders).getFailureReport().getDetails())
                .hasSize(CLOCK_READINGS);
        assertThat(noRandomness(Set.of()).evaluate(offenders).getFailureReport().getDetails())
                .hasSizeGreaterThanOrEqualTo(RANDOM_SOURCES);
    }

    @Test
    void everyExceptionIsStillNeeded() {
        for (String keeper : TIME_KEEPERS.keySet()) {
            assertThat(noClocks(without(TIME_KEEPERS.keySet(), keeper)).evaluate(BYSSUS))
                    .as("%s asks the system for the time", keeper)
                    .returns(true, EvaluationResult::hasViolation);
        }
        for (String user : RANDOM_USERS.keySet()) {
            assertThat(noRandomness(without(RANDOM_USERS.keySet(), user)).evaluate(BYSSUS))
                    .as("%s uses chance", user)
                    .returns(true, EvaluationResult::hasViolation);
        }
    }

    @Test
    void onlyProgramsPrint() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.byssus.examples")
                .and(areNot(PRINTERS.keySet()))
                .should()
                .accessTargetWhere(targets("out", "err"))
                .check(BYSSUS);
    }

    @Test
    void protocolsAndTheApiKnowNoStack() {
        noClasses()
                .that()
                .resideInAnyPackage("io.byssus.net", "io.byssus.net.spi", "io.byssus.runtime..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.byssus.net.posix..", "io.byssus.stack..")
                .check(BYSSUS);
    }

    private static ArchRule noClocks(Set<String> exceptions) {
        return noClasses()
                .that(areNot(exceptions))
                .and(areLibrary())
                .should()
                .accessTargetWhere(targets("nanoTime", "currentTimeMillis"))
                .orShould()
                .accessTargetWhere(readsAClockOfJavaTime())
                .because("a test or a simulation decides the time; exceptions: " + TIME_KEEPERS);
    }

    private static ArchRule noRandomness(Set<String> exceptions) {
        return noClasses()
                .that(areNot(exceptions))
                .and(areLibrary())
                .should()
                .dependOnClassesThat()
                .haveNameMatching(
                        "java\\.util\\.(Random|SplittableRandom|concurrent\\.ThreadLocalRandom)"
                                + "|java\\.util\\.random\\.(?!RandomGenerator$).*"
                                + "|java\\.security\\.SecureRandom")
                .orShould()
                .accessTargetWhere(isChanceInDisguise())
                .because(
                        "the same seed, given from outside, must give the same run; exceptions: "
                                + RANDOM_USERS);
    }

    /** Examples are programs, and live in the real time of their machine. */
    private static DescribedPredicate<JavaClass> areLibrary() {
        return DescribedPredicate.describe(
                "are no examples", type -> !type.getPackageName().startsWith(ROOT + "examples"));
    }

    private static DescribedPredicate<JavaAccess<?>> readsAClockOfJavaTime() {
        return DescribedPredicate.describe(
                "it reads a clock of java.time",
                access -> {
                    String member = access.getTarget().getName();
                    return access.getTargetOwner().getName().startsWith("java.time.")
                            && (member.equals("now") || member.startsWith("system"));
                });
    }

    private static DescribedPredicate<JavaAccess<?>> isChanceInDisguise() {
        return DescribedPredicate.describe(
                "it is Math.random, or makes a generator or a UUID, or shuffles",
                access ->
                        Set.of(
                                        "Math.random",
                                        "UUID.randomUUID",
                                        "Collections.shuffle",
                                        "RandomGenerator.getDefault",
                                        "RandomGenerator.of")
                                .contains(
                                        access.getTargetOwner().getSimpleName()
                                                + "."
                                                + access.getTarget().getName()));
    }

    private static Set<String> without(Set<String> names, String one) {
        return names.stream().filter(name -> !name.equals(one)).collect(Collectors.toSet());
    }

    /** Does everything that a rule forbids. */
    @SuppressWarnings("unused")
    private static final class Offender {
        Object tellTheTime() {
            return List.of(
                    System.nanoTime(),
                    System.currentTimeMillis(),
                    Instant.now(),
                    java.time.Clock.systemUTC());
        }

        Object gamble() {
            List<Object> draws = new ArrayList<>();
            draws.add(new Random(1).nextInt());
            draws.add(new SplittableRandom(1).nextInt());
            draws.add(ThreadLocalRandom.current().nextInt());
            draws.add(new SecureRandom().nextInt());
            draws.add(RandomGenerator.getDefault().nextInt());
            draws.add(Math.random());
            draws.add(UUID.randomUUID());
            Collections.shuffle(draws);
            return draws;
        }
    }

    /** Classes other than these and what is nested in them. */
    private static DescribedPredicate<JavaClass> areNot(Set<String> names) {
        return DescribedPredicate.describe(
                "are not " + names,
                type -> {
                    String name = type.getName().substring(ROOT.length());
                    return names.stream()
                            .noneMatch(n -> name.equals(n) || name.startsWith(n + "$"));
                });
    }

    private static DescribedPredicate<JavaAccess<?>> targets(String... members) {
        return DescribedPredicate.describe(
                "it is System." + String.join(" or System.", members),
                access ->
                        access.getTargetOwner().isEquivalentTo(System.class)
                                && Set.of(members).contains(access.getTarget().getName()));
    }

    private static String shortPackage(JavaClass type) {
        String name = type.getPackageName();
        return name.startsWith(ROOT) ? name.substring(ROOT.length()) : name;
    }

    private static Set<String> union(Set<String> names, String... more) {
        return Stream.concat(names.stream(), Stream.of(more)).collect(Collectors.toSet());
    }
}
