for (const field of document.querySelectorAll(".copy")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.setAttribute("aria-label", "Copy " + (field.title || "this"));
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field.textContent);
      button.textContent = "Copied";
    } catch {
      // Without a secure connection there is no clipboard: the text is marked, for the keyboard.
      getSelection().selectAllChildren(field);
      button.textContent = "Marked";
    }
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
  field.after(button);
}
