// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Which room of the agent may use which; a room is a package. */
class RoomsTest {
  private static final String ROOT = "dev.tcpstates.agent";

  /** Each room, and all the rooms that it may use; {@code main} is the package of the root. */
  private static final String ALLOWED =
      """
      launch           :
      boot             :
      log              :
      log.silent       :
      libs             :
      weave            : boot log
      cookies          :
      opener           : boot cookies
      kernel.libbpf    : libs log
      kernel.facts     : kernel.libbpf
      kernel.wire      :
      kernel           : kernel.libbpf kernel.wire
      kernel.node      : kernel.libbpf
      kernel.session   : kernel kernel.facts kernel.libbpf kernel.node kernel.wire
      kernel.diag      : kernel.libbpf
      kernel.sampled   : cookies kernel kernel.diag kernel.libbpf kernel.wire log
      record           : kernel kernel.libbpf kernel.wire opener
      periodic         : cookies kernel.wire record
      metrics          : cookies kernel kernel.wire opener periodic record
      metrics.http     : log metrics
      metrics.jmx      : log metrics
      node             : kernel.libbpf kernel.node kernel.session metrics
      reader           : boot kernel kernel.libbpf kernel.wire log metrics opener periodic \
      record
      main             : boot kernel kernel.diag kernel.libbpf kernel.node kernel.sampled \
      kernel.session log metrics metrics.http metrics.jmx \
      opener reader weave
      cli.view         : kernel.libbpf
      cli.live         : cli.view main
      cli.enrich       : cli.view
      cli              : cli.enrich cli.live cli.view kernel.diag kernel.facts kernel.libbpf \
      kernel.node kernel.sampled kernel.session main metrics.http node
      """;

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);

  @Test
  void eachRoomUsesTheRoomsItMayUseAndNoOther() {
    Map<String, Set<String>> used = new TreeMap<>();
    for (JavaClass user : CLASSES) {
      Set<String> rooms = used.computeIfAbsent(room(user), room -> new TreeSet<>());
      user.getDirectDependenciesFromSelf().stream()
          .map(dependency -> dependency.getTargetClass().getBaseComponentType())
          .filter(RoomsTest::isOurs)
          .map(RoomsTest::room)
          .filter(room -> !room.equals(room(user)))
          .forEach(rooms::add);
    }
    assertEquals(text(allowed()), text(used));
  }

  @Test
  void thereAreNoCircles() {
    slices()
        .assignedFrom(
            new SliceAssignment() {
              @Override
              public SliceIdentifier getIdentifierOf(JavaClass one) {
                return isOurs(one) ? SliceIdentifier.of(room(one)) : SliceIdentifier.ignore();
              }

              @Override
              public String getDescription() {
                return "the rooms of the agent";
              }
            })
        .should()
        .beFreeOfCycles()
        .check(CLASSES);
  }

  private static boolean isOurs(JavaClass one) {
    return (one.getPackageName() + ".").startsWith(ROOT + ".");
  }

  private static String room(JavaClass one) {
    String name = one.getPackageName();
    return name.equals(ROOT) ? "main" : name.substring(ROOT.length() + 1);
  }

  private static Map<String, Set<String>> allowed() {
    Map<String, Set<String>> allowed = new TreeMap<>();
    for (String line : ALLOWED.lines().toList()) {
      List<String> words = Arrays.asList(line.trim().split("[: ]+"));
      allowed.put(words.get(0), new TreeSet<>(words.subList(1, words.size())));
    }
    return allowed;
  }

  private static String text(Map<String, Set<String>> rooms) {
    return rooms.entrySet().stream()
        .map(room -> room.getKey() + ": " + String.join(" ", room.getValue()))
        .collect(Collectors.joining("\n"));
  }
}
