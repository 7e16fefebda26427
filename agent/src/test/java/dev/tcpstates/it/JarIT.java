// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.FieldVisitor;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is in the jar, and what is not. */
class JarIT {
  private static final long MAX_BYTES = 4_000_000;
  private static final int JAVA_17 = 61;
  private static final String CLASS = "[A-Z]\\w*(\\$\\w+)*";

  /** All of an application's class path that it sees of us. */
  private static final List<String> VISIBLE =
      List.of(
          "META-INF/MANIFEST\\.MF",
          "META-INF/NOTICE",
          "META-INF/licenses/byte-buddy/(LICENSE|NOTICE|licenses/ASM)",
          "META-INF/licenses/jna/(AL2\\.0|LICENSE)",
          "META-INF/licenses/(libffi|picocli|uplot)/LICENSE",
          "META-INF/licenses/(jmc|slf4j)/LICENSE\\.txt",
          "META-INF/licenses/elfutils/COPYING(-GPLV2|-LGPLV3)?",
          "META-INF/licenses/libbpf/(LICENSE(\\.BSD-2-Clause|\\.LGPL-2\\.1)?|SOURCES)",
          "META-INF/licenses/zlib/LICENSE",
          "LICENSE",
          "dev/tcpstates/agent/launch/" + CLASS + "\\.class");

  private static final List<String> BOOT =
      List.of(
          "boot/dev/tcpstates/agent/boot/(Agent(Metrics|Thread)|(Socket|Task)(Hooks|Listener)|StartGate"
              + "|ThreadHooks)\\.classdata",
          "boot/dev/tcpstates/jfr/event/" + CLASS + "\\.classdata",
          "boot/classes");

  private static final List<String> HIDDEN =
      List.of(
          "inst/dev/tcpstates/agent/((cli(/(enrich|live|view))?"
              + "|kernel(/(diag|facts|libbpf|node|sampled|session|wire))?"
              + "|metrics(/(http|jmx))?"
              + "|log(/silent)?|cookies|libs|node|opener|periodic|reader|record|weave)/)?"
              + CLASS
              + "\\.classdata",
          "inst/dev/tcpstates/jfr/(analysis/|read/)?(" + CLASS + "|package-info)\\.classdata",
          "inst/dev/tcpstates/agent/cli/view/(flamegraph\\.html|flame\\.(css|js)|report\\.html|uPlot\\.(iife\\.min\\.js|min\\.css))",
          "inst/dev/tcpstates/agent/cli/metrics-(otel|jmx_exporter)\\.yaml",
          "inst/(agent|commands|packages|version)",
          "inst/dev/tcpstates/jfr/tcpstates(-low|-full)?\\.jfc",
          "inst/dev/tcpstates/bpf/tcpstates(-node)?\\.bpf\\.o",
          "inst/native/dev/tcpstates/bpf/libbpf-linux-(aarch64|x86-64)\\.so",
          "inst/net/bytebuddy/jar/asm/" + CLASS + "\\.classdata",
          "inst/picocli/" + CLASS + "\\.classdata",
          "inst/org/openjdk/jmc/flightrecorder/writer/(api/|util/)?" + CLASS + "\\.classdata",
          "inst/org/slf4j/(event/|helpers/|spi/)?" + CLASS + "\\.classdata",
          "inst/com/sun/jna/(internal/|ptr/|win32/)?" + CLASS + "\\.classdata",
          "inst/native/com/sun/jna/linux-(aarch64|ppc64le|riscv64|s390x|x86-64)/libjnidispatch\\.so");

  private static JarFile jar;

  /** The files in the rooms, as if they were entries. */
  private static final Map<String, byte[]> PACKED = new TreeMap<>();

  @BeforeAll
  static void open() throws IOException {
    jar = new JarFile(AgentJvm.jar().toFile());
    for (String room : JarRooms.ENTRIES) {
      for (Map.Entry<String, byte[]> file : JarRooms.read(jar, room).entrySet()) {
        assertNull(PACKED.put("inst/" + file.getKey(), file.getValue()), file.getKey());
      }
    }
  }

  @AfterAll
  static void close() throws IOException {
    jar.close();
  }

  @Test
  void entriesAreAllowed() {
    List<Pattern> allowed = new ArrayList<>();
    for (List<String> room : List.of(VISIBLE, BOOT, HIDDEN)) {
      room.forEach(pattern -> allowed.add(Pattern.compile(pattern)));
    }
    Set<String> used = new HashSet<>();
    List<String> unexpected = new ArrayList<>();
    for (String name : names()) {
      Pattern match =
          allowed.stream().filter(p -> p.matcher(name).matches()).findFirst().orElse(null);
      if (match == null) {
        unexpected.add(name);
      } else {
        used.add(match.pattern());
      }
    }
    assertEquals(List.of(), unexpected, "not on the list");
    allowed.removeIf(pattern -> used.contains(pattern.pattern()));
    assertEquals(List.of(), allowed, "on the list, but not in the jar");
  }

  /** Each library has its licence here, and a line with its version and where it is. */
  @Test
  void eachLibraryIsInTheNotice() throws IOException {
    Map<String, String> places = new TreeMap<>();
    for (String line : text("META-INF/NOTICE").lines().toList()) {
      Matcher library =
          Pattern.compile("([a-z][\\w-]*)[ ,].*: .*(?:In|Part of) (\\S+)\\.").matcher(line);
      if (library.matches()) {
        places.put(library.group(1), library.group(2));
      }
      assertFalse(line.matches(".*[@$].*"), line);
    }
    Set<String> licensed =
        names().stream()
            .filter(name -> name.startsWith("META-INF/licenses/"))
            .map(name -> name.split("/")[2])
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(licensed, places.keySet());
    // What is not ours is in one of these places.
    assertEquals(
        List.of(),
        names().stream()
            .map(name -> name.replaceFirst("^inst/native/", "inst/"))
            .filter(name -> name.startsWith("inst/") && !name.startsWith("inst/dev/tcpstates/"))
            .filter(name -> places.values().stream().noneMatch(name::startsWith))
            .filter(name -> !name.matches("inst/\\w+"))
            .toList());
  }

  @Test
  void eachEntryOnce() {
    List<String> all = jar.stream().map(JarEntry::getName).toList();
    assertEquals(all.size(), new HashSet<>(all).size(), "entries");
  }

  /** A class in two rooms would be two classes. */
  @Test
  void eachClassInOneRoom() {
    Map<String, String> rooms = new HashMap<>();
    List<String> twice = new ArrayList<>();
    for (String name : classes()) {
      String type = name.replaceAll("^(boot|inst)/|\\.class(data)?$", "");
      if (rooms.put(type, name) != null) {
        twice.add(type);
      }
    }
    assertEquals(List.of(), twice);
  }

  @Test
  void classesRunOnJdk17() throws IOException {
    Map<String, Integer> newer = new TreeMap<>();
    for (String name : classes()) {
      ByteBuffer bytes = ByteBuffer.wrap(bytes(name));
      assertEquals(0xcafebabe, bytes.getInt(), name);
      int version = bytes.getInt();
      if (version > JAVA_17) {
        newer.put(name, version);
      }
    }
    assertEquals(Map.of(), newer);
  }

  @Test
  void manifest() throws IOException {
    Map<String, String> attributes = new TreeMap<>();
    jar.getManifest()
        .getMainAttributes()
        .forEach((name, value) -> attributes.put(name.toString(), value.toString()));
    attributes.keySet().removeAll(Set.of("Ant-Version", "Created-By"));
    String version = attributes.remove("Implementation-Version");
    assertTrue(version.matches("\\d+\\.\\d+\\.\\d+(-SNAPSHOT)?"), version);
    // Nothing else: Class-Path and Boot-Class-Path would change what the application sees.
    assertEquals(
        new TreeMap<>(
            Map.of(
                "Manifest-Version", "1.0",
                "Premain-Class", "dev.tcpstates.agent.launch.TcpStatesAgent",
                "Agent-Class", "dev.tcpstates.agent.launch.TcpStatesAgent",
                "Main-Class", "dev.tcpstates.agent.launch.Command",
                "Enable-Native-Access", "ALL-UNNAMED",
                "Can-Redefine-Classes", "true",
                "Can-Retransform-Classes", "true",
                "Implementation-Title", "tcpstates-agent")),
        attributes);
    assertEquals(Map.of(), jar.getManifest().getEntries());
  }

  /** Flight Recorder looks at an event class, with its settings, when it is defined. */
  @Test
  void anEventClassIsDefinedAfterTheClassesItNames() throws IOException {
    List<String> order = List.of(text("boot/classes").split(","));
    List<String> early = new ArrayList<>();
    for (String name : order) {
      for (String other : order.subList(order.indexOf(name) + 1, order.size())) {
        if (name.startsWith("dev/tcpstates/jfr/event/") && names(name, other)) {
          early.add(name + " names " + other);
        }
      }
    }
    assertEquals(List.of(), early);
    assertTrue(
        names("dev/tcpstates/jfr/event/FilteredEvent", "dev/tcpstates/jfr/event/FamilyControl"));
    assertEquals(
        names().stream()
            .filter(name -> name.startsWith("boot/") && name.endsWith(".classdata"))
            .map(name -> name.substring("boot/".length(), name.indexOf(".classdata")))
            .sorted()
            .toList(),
        order.stream().sorted().toList());
  }

  private static boolean names(String type, String other) throws IOException {
    String constants =
        new String(bytes("boot/" + type + ".classdata"), StandardCharsets.ISO_8859_1);
    return Pattern.compile(Pattern.quote(other) + "[^\\w$]").matcher(constants).find();
  }

  @Test
  void size() throws IOException {
    long size = Files.size(AgentJvm.jar());
    assertTrue(size < MAX_BYTES, () -> size + " bytes");
  }

  @Test
  void licences() throws IOException {
    assertTrue(text("LICENSE").contains("Apache License"));
    assertTrue(text("META-INF/licenses/byte-buddy/LICENSE").contains("Apache License"));
    assertTrue(text("META-INF/licenses/byte-buddy/NOTICE").contains("Winterhalter"));
    assertTrue(text("META-INF/licenses/byte-buddy/licenses/ASM").contains("INRIA"));
    assertTrue(text("META-INF/licenses/jna/LICENSE").contains("Java Native Access"));
    assertTrue(text("META-INF/licenses/jna/AL2.0").contains("Apache License"));
    assertTrue(text("META-INF/licenses/picocli/LICENSE").contains("Apache License"));
    assertTrue(text("META-INF/licenses/uplot/LICENSE").contains("Leon Sorokin"));
    assertTrue(text("META-INF/licenses/slf4j/LICENSE.txt").contains("QOS.ch"));
    assertTrue(text("META-INF/licenses/jmc/LICENSE.txt").contains("Universal Permissive License"));
  }

  /**
   * JNA, SLF4J and JMC's writer were pointed to stand-ins for some classes of the JDK. They must
   * not see the real ones, and what they call must be there.
   */
  @Test
  void standInsAreComplete() throws IOException {
    Set<String> wanted = new TreeSet<>();
    Set<String> forbidden = new TreeSet<>();
    for (String name : classes()) {
      if (name.matches("inst/(com/sun/jna|org/slf4j|org/openjdk)/.*")) {
        read(
            name,
            (owner, member) -> {
              if (owner.equals("java/lang/System") || owner.startsWith("java/util/logging/")) {
                forbidden.add(name + " uses " + owner);
              } else if (owner.startsWith("dev/tcpstates/")) {
                wanted.add(owner + "." + member);
              }
            });
      }
    }
    assertEquals(Set.of(), forbidden);
    assertTrue(wanted.stream().anyMatch(name -> name.contains("PrivateSystem.")), wanted::toString);
    assertTrue(wanted.stream().anyMatch(name -> name.contains("Logger.")), wanted::toString);
    for (String owner :
        List.of(
            "dev/tcpstates/agent/libs/PrivateSystem",
            "dev/tcpstates/agent/log/silent/Logger",
            "dev/tcpstates/agent/log/silent/Level")) {
      wanted.removeAll(members(owner));
    }
    assertEquals(Set.of(), wanted, "called, but not there");
  }

  /** The JVM makes a class for each lambda when it first runs, which slows the agent's start. */
  @Test
  void theAgentsLambdasAreClassesThatTheJvmAccepts() throws Exception {
    List<String> made = new ArrayList<>();
    int checked = 0;
    ClassLoader loader = new RoomsLoader();
    for (String name : classes()) {
      if (name.matches("inst/dev/tcpstates/agent/(?!cli/).*")) {
        if (text(name).contains("java/lang/invoke/LambdaMetafactory")) {
          made.add(name);
        }
        if (name.contains("$Lambda")) {
          String type = name.substring("inst/".length(), name.indexOf(".classdata"));
          Class<?> lambda = Class.forName(type.replace('/', '.'), true, loader);
          assertEquals(type.substring(0, type.indexOf('$')), hostOf(lambda), name);
          checked++;
        }
      }
    }
    assertEquals(List.of(), made);
    assertTrue(checked > 100, checked + " lambdas");
  }

  private static String hostOf(Class<?> type) {
    return type.getNestHost().getName().replace('.', '/');
  }

  /** Defines the classes of both rooms. */
  private static final class RoomsLoader extends ClassLoader {
    RoomsLoader() {
      super(getPlatformClassLoader());
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      for (String room : List.of("inst/", "boot/")) {
        String entry = room + name.replace('.', '/') + ".classdata";
        if (PACKED.containsKey(entry) || jar.getEntry(entry) != null) {
          try {
            byte[] bytes = bytes(entry);
            return defineClass(name, bytes, 0, bytes.length);
          } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
          }
        }
      }
      throw new ClassNotFoundException(name);
    }
  }

  private interface Use {
    void of(String owner, String member);
  }

  private static void read(String entry, Use use) throws IOException {
    MethodVisitor code =
        new MethodVisitor(Opcodes.ASM9) {
          @Override
          public void visitFieldInsn(int opcode, String owner, String name, String type) {
            use.of(owner, name + type);
          }

          @Override
          public void visitMethodInsn(
              int opcode, String owner, String name, String type, boolean ofInterface) {
            use.of(owner, name + type);
          }
        };
    new ClassReader(bytes(entry))
        .accept(
            new ClassVisitor(Opcodes.ASM9) {
              @Override
              public MethodVisitor visitMethod(
                  int access, String name, String type, String signature, String[] exceptions) {
                return code;
              }
            },
            ClassReader.SKIP_DEBUG);
  }

  private static Set<String> members(String owner) throws IOException {
    Set<String> members = new HashSet<>();
    new ClassReader(bytes("inst/" + owner + ".classdata"))
        .accept(
            new ClassVisitor(Opcodes.ASM9) {
              @Override
              public FieldVisitor visitField(
                  int access, String name, String type, String signature, Object value) {
                members.add(owner + "." + name + type);
                return null;
              }

              @Override
              public MethodVisitor visitMethod(
                  int access, String name, String type, String signature, String[] exceptions) {
                members.add(owner + "." + name + type);
                return null;
              }
            },
            ClassReader.SKIP_CODE);
    return members;
  }

  private static List<String> names() {
    return Stream.concat(
            jar.stream().filter(entry -> !entry.isDirectory()).map(JarEntry::getName),
            PACKED.keySet().stream())
        .toList();
  }

  private static List<String> classes() {
    return names().stream()
        .filter(name -> name.endsWith(".class") || name.endsWith(".classdata"))
        .toList();
  }

  private static byte[] bytes(String entry) throws IOException {
    byte[] packed = PACKED.get(entry);
    if (packed != null) {
      return packed;
    }
    try (InputStream in = jar.getInputStream(jar.getEntry(entry))) {
      return in.readAllBytes();
    }
  }

  private static String text(String entry) throws IOException {
    return new String(bytes(entry), StandardCharsets.UTF_8);
  }
}
