"use strict";
(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const form = document.querySelector("#filters");
  if (!form) return;
  const shown = document.querySelector("#shown");
  const causes = (group) => group ? [...group.querySelectorAll(":scope > .cause")].map((cause) => cause.textContent).join(" ") : "";
  const cases = all(".case").map((element) => ({
    element, text: [element.id, causes(element.closest(".group")), element.querySelector(".facts").textContent].join(" ").toLowerCase(),
  }));

  // apply hides what does not match the form. Every word of the search must occur.
  const apply = () => {
    const data = new FormData(form);
    const words = data.get("q").toLowerCase().split(/\s+/).filter(Boolean);
    const verdicts = data.getAll("verdict"), level = data.get("level"), attacker = data.get("attacker");
    let n = 0;
    for (const { element, text } of cases) {
      const d = element.dataset;
      element.hidden = !(words.every((word) => text.includes(word)) && (!verdicts.length || verdicts.includes(d.verdict)) &&
        (!level || d.level === level) && (!attacker || d.attacker === attacker));
      if (!element.hidden) n++;
    }
    for (const group of all(".group")) group.hidden = !group.querySelector(".case:not([hidden])");
    shown.textContent = n + " of " + cases.length + " cases shown";
  };

  // remember keeps the filters in the address, so that it can be shared.
  const remember = () => {
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value) query.append(name, value);
    history.replaceState(null, "", "#" + (query.size ? "?" + query : ""));
  };

  // follow shows what the address names: filters after "#?", otherwise a case or a section.
  const follow = () => {
    const name = decodeURIComponent(location.hash.slice(1));
    if (name.startsWith("?")) {
      form.reset();
      const query = new URLSearchParams(location.hash.slice(2));
      for (const field of ["q", "level", "attacker"]) form.elements[field].value = query.get(field) || "";
      for (const box of all("#filters [name=verdict]")) box.checked = query.getAll("verdict").includes(box.value);
      apply();
      form.scrollIntoView();
      return;
    }
    const element = name && document.getElementById(name);
    if (!element) return;
    if (element.hidden) {
      form.reset();
      apply();
    }
    if (element.tagName === "DETAILS") element.open = true;
    element.scrollIntoView();
    if (element.classList.contains("case")) element.focus({ preventScroll: true });
  };

  form.hidden = false;
  form.addEventListener("input", () => { apply(); remember(); });
  form.addEventListener("reset", () => setTimeout(() => { apply(); remember(); }));
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", follow);
  addEventListener("beforeprint", () => { for (const details of all("#findings details")) details.open = true; });
  apply();
  follow();
})();
