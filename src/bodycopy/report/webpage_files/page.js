"use strict";
// The page is whole without this: it adds the search, the filters and the order.
(() => {
  const id = (name) => document.getElementById(name);
  const filters = id("filters"), words = id("words"), category = id("category"), rule = id("rule"), order = id("order");
  const items = Array.from(document.querySelectorAll(".item"), (element) => ({
    element,
    kind: element.dataset.kind,
    rules: element.dataset.rules.split(" "),
    text: element.textContent.toLowerCase(),
  }));
  const isIn = (name) => (one) => one.startsWith(name + "/");

  function apply() {
    const wanted = words.value.toLowerCase().split(/\s+/);
    const counts = { rule: [0, 0], document: [0, 0] };
    for (const { element, kind, rules, text } of items) {
      const fits =
        (!rule.value || rules.includes(rule.value)) &&
        (!category.value || rules.some(isIn(category.value))) &&
        wanted.every((word) => text.includes(word));
      element.hidden = !fits;
      counts[kind][0] += fits;
      counts[kind][1] += 1;
    }
    for (const group of document.querySelectorAll(".group")) {
      group.hidden = !group.querySelector(".item:not([hidden])");
    }
    for (const gone of document.querySelectorAll(".gone")) {
      const rules = gone.dataset.rules.split(" ");
      const isOther = rule.value ? !rules.includes(rule.value) : category.value && !rules.some(isIn(category.value));
      gone.classList.toggle("other", Boolean(isOther));
    }
    for (const row of document.querySelectorAll("tr[data-category]")) {
      const chosen = category.value || (rule.value && rule.value.split("/")[0]);
      row.classList.toggle("other", Boolean(chosen) && row.dataset.category !== chosen);
    }
    const [rules, documents] = [counts.rule, counts.document];
    id("count").textContent = `Shown: ${rules[0]} of ${rules[1]} rules, ${documents[0]} of ${documents[1]} documents`;
  }

  function offerRules() {
    for (const option of rule.querySelectorAll("option")) {
      option.hidden = option.disabled = Boolean(option.value && category.value && !isIn(category.value)(option.value));
    }
    if (rule.selectedOptions[0].disabled) rule.value = "";
  }

  function choose(name) {
    rule.value = name;
    apply();
    const chosen = name && id(name);
    if (chosen) chosen.open = true;
  }

  function reveal() {
    const target = id(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.closest("[hidden]")) filters.reset();
    target.scrollIntoView();
    if (target.tagName === "DETAILS") {
      target.open = true;
      target.querySelector("summary").focus();
    }
  }

  words.addEventListener("input", apply);
  category.addEventListener("change", () => { offerRules(); apply(); });
  rule.addEventListener("change", () => choose(rule.value));
  filters.addEventListener("submit", (event) => event.preventDefault());
  // The fields still hold their old values when this event comes.
  filters.addEventListener("reset", () => { words.value = category.value = rule.value = ""; offerRules(); apply(); });
  for (const button of document.querySelectorAll(".only")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      category.value = words.value = "";
      offerRules();
      choose(button.closest(".item").id);
      rule.focus();
    });
  }
  if (order) {
    order.parentElement.hidden = false;
    order.addEventListener("change", () => {
      const by = (element) => Number(element.dataset[order.value]);
      const most = id("most");
      most.append(...Array.from(most.children).sort((a, b) => by(b) - by(a)));
    });
  }
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.matches("input, select, textarea");
    if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      words.focus();
    }
  });
  window.addEventListener("hashchange", reveal);
  filters.hidden = false;
  apply();
  reveal();
})();
