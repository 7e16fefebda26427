// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.it.workload.ExitSeven;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * Which libbpf the agent loads, and from which folder it loads what it brings along, where the
 * usual ones can't be used. The file systems are the child's own.
 */
class NativeLibrariesIT {
  /** None of them can be used, each for another reason. */
  private static final String[] UNUSABLE = {
    "/tmp ro", "/dev/shm noexec", "/run ro", "/var/tmp size=16k"
  };

  @TempDir Path directory;
  private Path left;

  @BeforeEach
  void root() throws Exception {
    KernelTier.requireRoot();
    left = directory.resolve("left.txt");
  }

  @OnEachJdk
  void systemLibraryIsPreferred(Jdk jdk) throws Exception {
    String libbpf = libbpf(jdk);
    assertTrue(libbpf.matches("v1\\.\\d+ \\(system\\)"), libbpf);
  }

  @OnEachJdk
  void bundledWithoutASystemLibrary(Jdk jdk) throws Exception {
    String libbpf =
        libbpf(
            jdk,
            MountNamespace.withoutLibrary(
                "libbpf.so.1", Files.createDirectory(directory.resolve("scratch"))));
    assertEquals("v1.1 (bundled)", libbpf);
  }

  /** A library of that name that has none of the functions, here one of the JDK's. */
  @OnEachJdk
  void bundledWhereTheSystemsLacksAFunction(Jdk jdk) throws Exception {
    Files.copy(jdk.home().resolve("lib/libjsig.so"), directory.resolve("libbpf.so.1"));
    assertEquals("v1.1 (bundled)", libbpf(jdk, "env", "LD_LIBRARY_PATH=" + directory));

    List<String> debug =
        debugLines(
            new AgentJvm(jdk, directory)
                .environment("LD_LIBRARY_PATH", directory.toString())
                .options("log=debug")
                .run(ExitSeven.class));
    List<String> refused =
        debug.stream().filter(line -> line.startsWith("libbpf.so.1 can't be loaded (")).toList();
    assertEquals(1, refused.size(), debug::toString);
    assertTrue(refused.get(0).contains("bpf"), refused::toString);
  }

  @OnEachJdk
  void bundledWhereTheOptionSaysSo(Jdk jdk) throws Exception {
    AgentJvm.Result with =
        new AgentJvm(jdk, directory).options("libbpf=bundled,log=debug").run(ExitSeven.class);
    assertTrue(debugLines(with).contains("libbpf is the bundled one"), with.err());
    assertFalse(with.err().contains("libbpf.so.1"), with.err());
    // Where the kernel lets the agent work, it says so in its only line without log=debug.
    for (String line : with.err().lines().filter(l -> l.contains("recording the TCP")).toList()) {
      assertTrue(line.endsWith("(libbpf v1.1 (bundled))"), line);
    }
  }

  @OnEachJdk
  void readOnlyTmp(Jdk jdk) throws Exception {
    assertLoadedFrom("/dev/shm", jdk, "/tmp ro", "/dev/shm rw");
  }

  @OnEachJdk
  void noexecTmp(Jdk jdk) throws Exception {
    assertLoadedFrom("/dev/shm", jdk, "/tmp noexec", "/dev/shm rw");
  }

  /** JNA's half has room, and libbpf has not: each looks for its own folder. */
  @OnEachJdk
  void tmpThatIsTooSmallForTheSecond(Jdk jdk) throws Exception {
    List<String> debug = run(jdk, "/tmp size=300k", "/dev/shm rw");
    assertTrue(debug.contains("libjnidispatch.so was loaded from /tmp"), debug::toString);
    assertTrue(
        debug.contains(library() + " can't be loaded from /tmp (No space left on device)"),
        debug::toString);
    assertTrue(debug.contains(library() + " was loaded from /dev/shm"), debug::toString);
  }

  @OnEachJdk
  void fullTmpAndNoexecShm(Jdk jdk) throws Exception {
    assertLoadedFrom("/run", jdk, "/tmp size=16k", "/dev/shm noexec", "/run rw");
  }

  @OnEachJdk
  void onlyVarTmp(Jdk jdk) throws Exception {
    assertLoadedFrom("/var/tmp", jdk, "/tmp ro", "/dev/shm noexec", "/run ro", "/var/tmp rw");
  }

  @OnEachJdk
  void onlyTheFolderOfTheJar(Jdk jdk) throws Exception {
    Path folder = AgentJvm.jar().getParent();
    List<String> before = names(folder);
    assertLoadedFrom(folder.toRealPath().toString(), jdk, UNUSABLE);
    assertEquals(before, names(folder));
  }

  @OnEachJdk
  void noFolder(Jdk jdk) throws Exception {
    Path folder = AgentJvm.jar().getParent().toRealPath();
    String[] namespace =
        namespace(
            List.of(UNUSABLE),
            "mount --bind '" + folder + "' '" + folder + "'",
            "mount -o remount,bind,ro '" + folder + "'");
    AgentJvm.Result without =
        new AgentJvm(jdk, directory).withoutAgent().under(namespace).run(ExitSeven.class);
    assertEquals(7, without.exit(), without.err());
    AgentJvm.Result with = new AgentJvm(jdk, directory).under(namespace).run(ExitSeven.class);
    assertEquals(
        "ERROR the native library libjnidispatch.so can't be written to and loaded from"
            + " /tmp (Read-only file system), /dev/shm (failed to map segment from shared object,"
            + " as on a noexec mount), /run (Read-only file system), /var/tmp (No space left on"
            + " device), "
            + folder
            + " (Read-only file system); name a directory that allows both with"
            + " -Djava.io.tmpdir. The application runs without the agent.",
        AgentLines.one(without, with));
    assertNothingLeft();

    Tool doctor = Tool.run(command(jdk, namespace, "doctor"));
    assertEquals(1, doctor.exit(), doctor.out());
    assertTrue(doctor.out().contains("-> name a directory that allows both"), doctor.out());
  }

  /**
   * A mount namespace in which these folders are file systems of their own, empty at first, and
   * which lists what is left in them.
   *
   * @param mounts a folder and the mount options of its tmpfs
   * @param more further commands
   */
  private String[] namespace(List<String> mounts, String... more) {
    List<String> commands = new ArrayList<>();
    List<String> folders = new ArrayList<>();
    for (String mount : mounts) {
      String[] parts = mount.split(" ");
      folders.add(parts[0]);
      commands.add("mount -t tmpfs -o " + parts[1] + " tcpstates-test " + parts[0]);
    }
    commands.addAll(List.of(more));
    return MountNamespace.listingWhatIsLeft(left, String.join(" ", folders), commands);
  }

  private static String library() {
    return "libbpf-linux-"
        + (System.getProperty("os.arch").equals("amd64") ? "x86-64" : "aarch64")
        + ".so";
  }

  private void assertLoadedFrom(String folder, Jdk jdk, String... mounts) throws Exception {
    List<String> debug = run(jdk, mounts);
    assertTrue(debug.contains("libjnidispatch.so was loaded from " + folder), debug::toString);
    assertTrue(debug.contains(library() + " was loaded from " + folder), debug::toString);
  }

  /** Runs an application with the agent and its own libbpf, and returns the agent's debug lines. */
  private List<String> run(Jdk jdk, String... mounts) throws Exception {
    AgentJvm.Result with =
        new AgentJvm(jdk, directory)
            .under(namespace(List.of(mounts)))
            // The JVM's own file in /tmp.
            .jvm("-XX:-UsePerfData")
            .options("libbpf=bundled,log=debug")
            .run(ExitSeven.class);
    assertEquals(7, with.exit(), with.err());
    assertNothingLeft();
    return debugLines(with);
  }

  private void assertNothingLeft() throws Exception {
    assertEquals(List.of(), Files.readAllLines(left));
  }

  private static List<String> debugLines(AgentJvm.Result result) {
    String start = "tcpstates-agent: DEBUG ";
    return result
        .err()
        .lines()
        .filter(line -> line.startsWith(start))
        .map(line -> line.substring(start.length()))
        .toList();
  }

  /** What the doctor says of libbpf. */
  private static String libbpf(Jdk jdk, String... under) throws Exception {
    Tool doctor = Tool.run(command(jdk, under, "doctor"));
    List<String> found =
        doctor.out().lines().filter(line -> line.matches("ok +libbpf .*")).toList();
    assertEquals(1, found.size(), doctor.out() + doctor.err());
    return found.get(0).replaceFirst("ok +libbpf +", "");
  }

  private static String[] command(Jdk jdk, String[] under, String name) {
    List<String> command = new ArrayList<>(List.of(under));
    command.addAll(List.of(jdk.tool("java"), "-jar", AgentJvm.jar().toString(), name));
    return command.toArray(String[]::new);
  }

  private static List<String> names(Path folder) throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
