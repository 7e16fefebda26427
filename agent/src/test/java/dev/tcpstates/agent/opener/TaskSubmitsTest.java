// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.agent.boot.SocketListener;
import dev.tcpstates.agent.opener.app.App;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Sockets opened in tasks, which some place has submitted. */
class TaskSubmitsTest {
  private static final StackRule RULE =
      new StackRule(List.of(App.class.getPackageName()), List.of("org.junit", "org.apache.maven"));

  private final ThreadStarts starts = new ThreadStarts(64, RULE);
  private final CallSites sites = new CallSites(64, RULE, starts);
  private final TaskSubmits submits = starts.taskSubmits();

  private void submit(Object task) {
    App.start(() -> submits.submitted(task));
  }

  private void submitElsewhere(Object task) {
    App.startElsewhere(() -> submits.submitted(task));
  }

  private String run(Object task) {
    submits.running(task);
    String openedBy = openedBy();
    submits.ended();
    return openedBy;
  }

  /** The last piece, without the line. */
  private String openedBy() {
    String text = sites.here(SocketListener.CONNECT).openedBy();
    return text.substring(text.lastIndexOf(" < ") + 3).replaceAll(":\\d+", "");
  }

  private static String submittedBy(String method) {
    return "submitted by " + App.class.getName() + "." + method;
  }

  @Test
  void theSubmitterOfTheTaskIsShown() {
    Object one = new Object();
    Object other = new Object();
    submit(one);
    submitElsewhere(other);
    assertEquals(submittedBy("startElsewhere"), run(other));
    assertEquals(submittedBy("start"), run(one));
    assertEquals("thread started by unknown code", openedBy());
  }

  @Test
  void theWholeStackIsKept() {
    Object task = new Object();
    submit(task);
    submits.running(task);
    List<String> stack = sites.here(SocketListener.CONNECT).stack().lines().toList();
    int mark = stack.indexOf("submitted by");
    assertTrue(stack.get(mark + 1).contains("TaskSubmitsTest"), stack::toString);
  }

  @Test
  void aTaskThatRunsAnother() {
    Object outer = new Object();
    Object inner = new Object();
    submit(outer);
    submitElsewhere(inner);
    submits.running(outer);
    assertEquals(submittedBy("startElsewhere"), run(inner));
    assertEquals("thread started by unknown code", run(new Object()), "of an unknown task");
    assertEquals(submittedBy("start"), openedBy());
  }

  /** A library's task submits another one. */
  @Test
  void theSubmitterOfTheSubmitterIsShownWhereThatIsTheApplication() {
    List<Object> tasks = new ArrayList<>(List.of(new Object()));
    submit(tasks.get(0));
    for (int i = 0; i < 10; i++) {
      Object next = new Object();
      submits.running(tasks.get(i));
      submits.submitted(next);
      submits.ended();
      tasks.add(next);
    }
    assertEquals(submittedBy("start"), run(tasks.get(10)));
  }

  @Test
  void oneTaskSubmittedAgain() {
    Object task = new Object();
    submit(task);
    submit(task);
    assertEquals(submittedBy("start"), run(task));
    assertEquals(submittedBy("start"), run(task));
    submitElsewhere(task);
    assertEquals(submittedBy("startElsewhere"), run(task));
  }

  /** Which of them runs can't be known: neither line is shown. */
  @Test
  void oneTaskThatWaitsTwice() {
    Object task = new Object();
    submit(task);
    submitElsewhere(task);
    assertEquals("thread started by unknown code", run(task));
    assertEquals("thread started by unknown code", run(task));
    submit(task);
    assertEquals(submittedBy("start"), run(task));
  }

  @Test
  void anotherThreadRunsNoTask() throws InterruptedException {
    Object task = new Object();
    submit(task);
    submits.running(task);
    List<String> found = new ArrayList<>();
    Thread thread = new Thread(() -> found.add(openedBy()));
    thread.start();
    thread.join();
    assertEquals(List.of("thread started by unknown code"), found);
  }

  @Test
  void tasksThatNeverRunAreNotKept() throws InterruptedException {
    Object task = new Object();
    submit(task);
    WeakReference<Object> reference = new WeakReference<>(task);
    task = null;
    for (int i = 0; i < 100 && reference.get() != null; i++) {
      System.gc();
      Thread.sleep(10);
    }
    assertNull(reference.get());
  }

  /** Those that are forgotten are unknown, and never another's. */
  @Test
  void moreTasksThanThereIsRoomFor() {
    List<Object> tasks = new ArrayList<>();
    for (int i = 0; i < 100_000; i++) {
      Object task = new Object();
      tasks.add(task);
      if (i % 2 == 0) {
        submit(task);
      } else {
        submitElsewhere(task);
      }
    }
    int known = 0;
    for (int i = 0; i < tasks.size(); i++) {
      String shown = run(tasks.get(i));
      if (!shown.equals("thread started by unknown code")) {
        assertEquals(submittedBy(i % 2 == 0 ? "start" : "startElsewhere"), shown);
        known++;
      }
    }
    assertTrue(known > 20_000 && known <= 1 << 15, known + " known");
  }
}
