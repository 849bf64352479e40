// While an assessment is answered: saves it as one types, and shows what a colleague answered meanwhile. Without this
// script the buttons below do the same.

const AFTER_TYPING = 1500 // milliseconds without a key
const AGAIN = 5000 // when it could not be saved

export function saveAnswers () {
  const form = document.getElementById('answers')
  const status = document.getElementById('saved-by-itself')
  if (!form || !status) return

  let timer
  let sending = null
  let typedMeanwhile = false
  let unsaved = false

  const soon = (wait) => {
    clearTimeout(timer)
    timer = setTimeout(save, wait)
  }

  // After signing in again in another tab the form needs that session's token.
  const takeNewToken = async () => {
    const page = await fetch(location.href, { redirect: 'manual' })
    if (!page.ok) return
    const fresh = new DOMParser().parseFromString(await page.text(), 'text/html')
    const token = fresh.querySelector('#answers [name=csrfmiddlewaretoken]')
    if (token) form.elements.csrfmiddlewaretoken.value = token.value
  }

  // What is wrong with one question, or what a colleague answered. Theirs is not overwritten by itself: only a button
  // puts what was typed in its place.
  const beside = (name, words) => {
    const place = document.getElementById(`wrong-${name}`)
    if (!place || place.textContent === words) return
    place.textContent = words
    place.hidden = words === ''
  }

  // What a colleague answered where nothing was typed here since it was sent.
  const takeIn = (name, fresh, sent) => {
    const parts = ['said', 'note', 'source']
    const fields = parts.map((part) => form.elements[`${part}-${name}`])
    if (parts.some((part, place) => fields[place].value !== (sent.get(`${part}-${name}`) ?? ''))) return
    parts.forEach((part, place) => { fields[place].value = fresh[part] })
    form.elements[`version-${name}`].value = fresh.version
  }

  const show = (told, sent) => {
    for (const [name, version] of Object.entries(told.versions)) {
      form.elements[`version-${name}`].value = version
      beside(name, told.wrong[name] || '')
    }
    for (const [name, words] of Object.entries(told.theirs)) beside(name, words)
    for (const [name, fresh] of Object.entries(told.fresh)) takeIn(name, fresh, sent)
    if (told.version && form.elements.version) form.elements.version.value = told.version
    const held = Object.keys(told.theirs).length + Object.keys(told.wrong).length
    const but = [held ? 'but for what is marked below' : '', told.left].filter(Boolean).join('; ')
    status.textContent = but ? `${told.saved}, ${but}.` : `${told.saved}.`
    if (but) unsaved = true
  }

  const send = async () => {
    let answer
    try {
      const body = new URLSearchParams(new FormData(form))
      const headers = { 'X-CAIT-Saves-By-Itself': '1' }
      answer = await fetch(location.href, { method: 'POST', body, headers, redirect: 'manual' })
      if (answer.ok) {
        unsaved = typedMeanwhile
        show(await answer.json(), body)
        return
      }
      if (answer.status === 403) await takeNewToken()
    } catch {
      answer = null // no network: said below, and tried again
    }
    const signedOut = answer && (answer.type === 'opaqueredirect' || answer.status === 403)
    status.textContent = signedOut
      ? 'Not saved: you are signed out, or it was sent meanwhile. Sign in in another tab and come back; what you typed stays here.'
      : 'Not saved: CAIT does not answer. What you typed stays here, and CAIT tries again.'
    if (signedOut) await takeNewToken().catch(() => {})
    soon(AGAIN)
  }

  async function save () {
    if (sending) {
      typedMeanwhile = true
      return
    }
    sending = send()
    await sending
    sending = null
    if (typedMeanwhile) {
      typedMeanwhile = false
      soon(AFTER_TYPING)
    }
  }

  for (const happening of ['input', 'change']) {
    form.addEventListener(happening, () => {
      unsaved = true
      if (sending) typedMeanwhile = true
      soon(AFTER_TYPING)
    })
  }

  // Whoever leaves the page within that second loses nothing: the browser sends it on its way out.
  window.addEventListener('pagehide', () => {
    if (!unsaved || sending) return
    const body = new URLSearchParams(new FormData(form))
    const headers = { 'X-CAIT-Saves-By-Itself': '1' }
    fetch(location.href, { method: 'POST', body, headers, keepalive: true }).catch(() => {})
  })

  // A form that is sent while it is being saved would build on the versions before.
  form.addEventListener('submit', async (event) => {
    clearTimeout(timer)
    unsaved = false
    if (!sending) return
    event.preventDefault()
    await sending
    form.requestSubmit(event.submitter)
  })
}
